import AgentRun
import AsyncHTTPClient
import Credentials
import Crypto
import Domain
import Foundation
import Gateway
import LanguageModels
import Logging
import Project
import Runtimes
import Scheduler
import ServiceLifecycle
import Storage
import UnixSignals
import Webhooks

/// Puts the scheduler together: files, store, runtime, queue, gateway.
///
/// Everything that can be wrong with the project is found in ``build(_:)``, before anything is started or written.
final class SchedulerRoot: Sendable {
    /// Which runtime runs the agents, and why.
    let runtimeSentence: String
    private let services: ServiceGroup
    private let serving: ServingPort
    private let lock: ProjectLock
    private let runtime: any Runtime
    private let store: CredentialStore
    /// On which the requests of sealed runs go to their models.
    private let http: HTTPRoutes

    private init(
        runtimeSentence: String,
        services: ServiceGroup,
        serving: ServingPort,
        lock: ProjectLock,
        runtime: any Runtime,
        store: CredentialStore,
        http: HTTPRoutes
    ) {
        self.runtimeSentence = runtimeSentence
        self.runtime = runtime
        self.services = services
        self.serving = serving
        self.lock = lock
        self.store = store
        self.http = http
    }

    /// Serves until it is told to stop.
    func run() async throws {
        defer {
            serving.giveUp()
            lock.release()
        }
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await services.run())
        } catch {
            outcome = .failure(error)
        }
        await RuntimeRoot.close(runtime)
        await http.shutdown()
        try outcome.get()
    }

    /// The gateway's port, once it listens.
    func servingPort() async throws -> Int {
        guard let port = await serving.value() else { throw Failure("Error: the gateway did not start.") }
        return port
    }

    /// The key of operators.
    func apiKey() throws -> String { try GatewayKey.loadOrCreate(in: store, randomBytes: RandomText.bytes).value }

    /// Ends like SIGTERM.
    func requestShutdown() async {
        await services.triggerGracefulShutdown()
    }
}

extension SchedulerRoot {
    /// Checks everything and puts it together; nothing runs yet.
    ///
    /// - Throws: ``Failure`` and the errors of the targets, each with a sentence for people.
    static func build(_ options: SchedulerOptions) async throws -> SchedulerRoot {
        OpenFileLimit.raise()
        let context = try ProjectContext(
            directory: options.project,
            home: options.home,
            environment: options.environment
        )
        var project = try context.load(runtime: options.runtime)
        project.problems += ScriptCheck.problems(of: project.agents, in: project.directory)
        try refuseBrokenProject(project, isStrict: options.isStrict)
        if let initialRun = options.initialRun { project.config.initialRun = initialRun }
        let needs = CredentialNeeds(agents: project.agents, config: project.config)
        try needs.requireAll(in: context.store)
        let selection = try await RuntimeRoot.select(
            project.config,
            context,
            mayFallBackToHost: options.mayFallBackToHost,
            mayStartRuns: true
        )
        do {
            return try await build(options, context, project, selection)
        } catch {
            await RuntimeRoot.close(selection.runtime)
            throw error
        }
    }

    private static func build(
        _ options: SchedulerOptions,
        _ context: ProjectContext,
        _ project: LoadedProject,
        _ selection: RuntimeSelection
    ) async throws -> SchedulerRoot {
        let runtime = selection.runtime
        let directory = ProjectDirectory(id: projectID(options.project), path: options.project)
        let egress = try egressDirectory(options, runtime)
        let openNetworks = try networkWarnings(project, runtime.kind, isControlled: egress != nil)
        if options.presentation != .quiet {
            Console.error(RuntimeRoot.sentence(selection))
            let noGateway = RuntimeRoot.gatewayWarning(project.config, on: runtime)
            let unhidden = context.store.secrets().warnings
            let notes = [selection.warning, noGateway, ProcessZone.current.warning].compactMap(\.self)
            for warning in notes + openNetworks + unhidden {
                Console.error("Warning: \(warning)")
            }
            if ProcessInfo.processInfo.environment["AL_DASHBOARD_SECRET"] != nil {
                Console.error("Warning: AL_DASHBOARD_SECRET is ignored: the API key (gateway_api_key) has replaced it.")
            }
            for source in try context.unsignedSources(of: project, isExposed: options.isExposed) {
                Console.error("Warning: \(source)")
            }
        }
        let lock = try await ProjectLock.take(
            stateDirectory: options.project + "/.al",
            owner: owner(port: options.port ?? project.config.gateway.port),
            clock: ContinuousClock()
        )
        closeState(options.project + "/.al")
        let proxies = ProxySettings(ProcessInfo.processInfo.environment)
        let http = HTTPRoutes(proxies, configuration: modelHTTPConfiguration())
        let parts: (services: ServiceGroup, serving: ServingPort)
        do {
            // Only now: another scheduler's volumes and directories are not for us to tidy.
            let route = try await runtime.prepare(project: directory.id)
            parts = try assemble(options, context, project, directory, runtime, route, egress, lock, http)
        } catch {
            await http.shutdown()
            lock.release()
            throw error
        }
        return SchedulerRoot(
            runtimeSentence: RuntimeRoot.sentence(selection),
            services: parts.services,
            serving: parts.serving,
            lock: lock,
            runtime: runtime,
            store: context.store,
            http: http
        )
    }

    /// Takes the state away from other users, to whom earlier versions left it.
    private static func closeState(_ directory: String) {
        guard FileAccessRights.isOpen(directory) else { return }
        // It may be somebody else's, or on a file system without modes; what others then read is not a reason not to work.
        try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: directory)
        guard FileAccessRights.isOpen(directory) else { return }
        Console.error("Warning: \(directory) can be read by others, and its mode cannot be changed")
    }

    private static func refuseBrokenProject(_ project: LoadedProject, isStrict: Bool) throws {
        let errors = (isStrict ? project.problems : project.errors).map(\.description)
        for warning in project.warnings where !isStrict { Console.error("Warning: \(warning)") }
        for hint in project.hints { Console.error("Hint: \(hint)") }
        guard errors.isEmpty else {
            throw Failure("Configuration error: " + errors.joined(separator: "\nConfiguration error: "))
        }
        if let missing = project.missingAgents { throw missing }
    }

    /// This process, as others read of it in the lock of the project.
    static func owner(port: Int) -> LockOwner {
        LockOwner(process: getpid(), host: ProcessInfo.processInfo.hostName, port: port, startedAt: Date())
    }

    /// 12 hex digits of the SHA-256 of the project's absolute path.
    static func projectID(_ path: String) -> ProjectID {
        ProjectID(rawValue: SHA256.hash(data: Data(path.utf8)).prefix(6).hexText)
    }
}
