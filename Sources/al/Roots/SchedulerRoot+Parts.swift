import AgentRun
import Credentials
import Domain
import Egress
import Foundation
import Gateway
import LanguageModels
import Logging
import OrderedCollections
import Project
import Runtimes
import Scheduler
import ServiceLifecycle
import Storage
import UnixSignals
import Webhooks

extension SchedulerRoot {
    /// Store, logs, scheduler and gateway, wired.
    static func assemble(
        _ options: SchedulerOptions,
        _ context: ProjectContext,
        _ project: LoadedProject,
        _ directory: ProjectDirectory,
        _ runtime: any Runtime,
        _ route: GatewayRoute,
        _ egress: EgressDirectory?,
        _ lock: ProjectLock,
        _ http: HTTPRoutes
    ) throws -> (services: ServiceGroup, serving: ServingPort) {
        let egress = try made(egress, for: project)
        let state = options.project + "/.al"
        let secrets = StoreRedactor(store: context.store)
        let files = try LogFiles(
            stateDirectory: state,
            process: getpid(),
            host: ProcessInfo.processInfo.hostName,
            now: { Date() }
        )
        let sink = RedactedLogSink(files, redact: secrets.redact)
        let store = try SQLiteStore(path: state + "/state.db")
        let logger = Logger(label: "scheduler") { _ in FileLogHandler(name: "scheduler", sink: sink, now: { Date() }) }
        if try GatewayKey.loadOrCreate(in: context.store, randomBytes: RandomText.bytes).isNew {
            logger.info("Gateway API key was made", metadata: ["path": "\(GatewayKey.path(in: context.store))"])
        }
        for problem in project.warnings {
            logger.warning("unusual configuration", metadata: ["warning": "\(problem)"])
        }
        noteDiscoveries(logger, secrets, store, isQuiet: options.presentation == .quiet)
        var setup = setup(
            context,
            project,
            directory,
            runtime,
            store,
            logger,
            sink,
            secrets,
            drains: options.drainsOnShutdown
        )
        let writtenGateway = RuntimeRoot.writtenGateway(project.config, on: runtime)
        if writtenGateway == nil, route.host == nil {
            stageModelKeys(&setup, context, directory, secrets)
        }
        setup.deleteTranscripts = { files.deleteTranscripts(olderThan: $0, keeping: $1) }
        setup.egress = try egress.map { try control(of: $0, context) }
        setup.isolation = { agent in
            IsolationGrade(of: agent, on: runtime.kind, controlsEgress: egress != nil).letter.rawValue
        }
        setup.noteDraining = { lock.noteDraining($0) }
        setup.abandonsRuns = options.abandonsRuns
        #if os(Linux)
            let watch = InotifyWatch(project: options.project, clock: setup.clock)
            setup.agentSource = .files(of: project, store: context.store, watch: watch)
        #endif
        let scheduler = Scheduler(setup)
        let serving = ServingPort()
        let gateway = try Gateway(
            dependencies: dependencies(context, scheduler, store.history, http, sink, secrets, state: state),
            options: gatewayOptions(options, context, project, route, egress),
            onServing: { ports in
                let own = route.host.map { "http://\($0):\(ports.agents)" }
                await scheduler.setGateway(url: writtenGateway ?? own ?? "")
                lock.update(owner(port: ports.main))
                serving.set(ports.main)
            }
        )
        // Shut down in reverse: first the scheduler hands over or drains, with the gateway still there for its runs.
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(service: SecondInterrupt(), successTerminationBehavior: .ignore),
            .init(service: gateway),
        ]
        #if os(Linux)
            let pages = ExecutablePages(clock: setup.clock)
            services.append(.init(service: pages, successTerminationBehavior: .ignore))
        #endif
        if let egress {
            services.append(.init(service: egressProxy(egress, scheduler, certificateFile: http.certificateFile)))
        }
        let work = SchedulerService(scheduler: scheduler, serving: serving)
        services.append(.init(service: work, successTerminationBehavior: .gracefullyShutdownGroup))
        if let presenter = presenter(options, project, scheduler, serving, logs: state + "/logs") {
            // Whatever becomes of what it shows, the scheduler goes on.
            services.append(
                .init(
                    service: presenter,
                    successTerminationBehavior: .ignore,
                    failureTerminationBehavior: .ignore
                )
            )
        }
        return (group(of: services, logger), serving)
    }

    /// What somebody will look for in the log who was not there at the start.
    private static func noteDiscoveries(
        _ logger: Logger,
        _ secrets: StoreRedactor,
        _ store: SQLiteStore,
        isQuiet: Bool
    ) {
        for warning in secrets.warnings { logger.warning("\(warning)") }
        if let warning = ProcessZone.current.warning { logger.warning("\(warning)") }
        guard let moved = store.movedForeignFile else { return }
        logger.info("The state of Action Llama 0.13 was moved out of the way", metadata: ["file": "\(moved)"])
        guard !isQuiet else { return }
        Console.error("The state of Action Llama 0.13 is kept as \(moved); this version begins a new one.")
    }

    /// What starts and ends together, in this order and back.
    private static func group(
        of services: [ServiceGroupConfiguration.ServiceConfiguration],
        _ logger: Logger
    ) -> ServiceGroup {
        // At debug the group writes each service down whole, with all it holds.
        var logger = logger
        logger.logLevel = .info
        return ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services,
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
    }

    private static func control(of egress: EgressDirectory, _ context: ProjectContext) throws -> EgressControl {
        EgressControl(
            directory: egress.mount,
            gatewaySocket: egress.gatewaySocket,
            keys: try egress.runKeys(randomBytes: RandomText.bytes),
            stored: { try context.store.read($0, for: $1) }
        )
    }

    /// Who shows what happens.
    private static func presenter(
        _ options: SchedulerOptions,
        _ project: LoadedProject,
        _ scheduler: Scheduler,
        _ serving: ServingPort,
        logs: String
    ) -> (any Service)? {
        let types = Set(project.config.webhooks.values.map(\.type)).sorted()
        switch options.presentation {
        case .quiet: return nil
        case .lines:
            let facts = PlainLog.Facts(
                project: project.config.projectName,
                webhookTypes: types,
                hasDashboard: options.showsDashboard,
                drainsOnShutdown: options.drainsOnShutdown
            )
            return ActivityPrinter(operators: scheduler, facts: facts, serving: serving)
        case .liveView:
            let facts = LiveFacts(
                project: project.config.projectName ?? URL(fileURLWithPath: options.project).lastPathComponent,
                webhookTypes: types,
                hasDashboard: options.showsDashboard,
                drainsOnShutdown: options.drainsOnShutdown
            )
            return LiveView(
                operators: scheduler,
                facts: facts,
                serving: serving,
                logDirectory: logs,
                style: Console.style
            )
        }
    }

    private static func setup(
        _ context: ProjectContext,
        _ project: LoadedProject,
        _ directory: ProjectDirectory,
        _ runtime: any Runtime,
        _ store: any Store,
        _ logger: Logger,
        _ sink: any LogSink,
        _ secrets: StoreRedactor,
        drains: Bool
    ) -> SchedulerSetup {
        let staging = StagingPlace.staging(from: context.store, for: directory)
        return SchedulerSetup(
            store: store,
            runtime: runtime,
            agents: project.agents,
            config: project.config,
            project: directory,
            clock: ContinuousClock(),
            now: { Date() },
            makeRunBits: { UInt32.random(in: .min ... .max) },
            makeUUID: { UUID().uuidString.lowercased() },
            makeRecordID: {
                TimeOrderedUUID.text(
                    milliseconds: Date().timeIntervalSince1970 * 1000,
                    random: .random(in: .min ... .max)
                )
            },
            logger: logger,
            logSink: sink,
            stageCredentials: { agent, run, placeholder in
                secrets.refresh()
                return try staging.stage(agent, for: run, placeholder: placeholder)
            },
            sweepStaging: { staging.sweep(keeping: $0) },
            unstageCredentials: { staging.remove($0) },
            modelKeys: { agent in
                let login = OperatorLogin.piAuth {
                    logger.warning("Login can be read by others", metadata: ["advice": "\($0)"])
                }
                return try await context.store.modelCredentials(for: agent, login: login)
            },
            isInScriptMode: { $0.isInScriptMode },
            callableDescriptions: { callableAgents(for: $0, among: $1) },
            defaultZone: ProcessZone.current.zone,
            prompt: { TriggerPrompt.suffix(for: $0) },
            configHash: { configHash(of: $0) },
            redact: secrets.redact,
            drainsOnShutdown: drains
        )
    }

    /// Runs that cannot ask the gateway for the keys of their models get them with their credentials.
    private static func stageModelKeys(
        _ setup: inout SchedulerSetup,
        _ context: ProjectContext,
        _ directory: ProjectDirectory,
        _ secrets: StoreRedactor
    ) {
        let staging = StagingPlace.staging(from: context.store, for: directory)
        let keys = setup.modelKeys
        setup.stageCredentials = { agent, run, placeholder in
            secrets.refresh()
            // A script in the model's place needs none, and nothing that it starts is to get one.
            let keys = agent.isInScriptMode ? nil : try await keys(agent)
            return try staging.stage(agent, for: run, modelKeys: keys, placeholder: placeholder)
        }
    }

    /// The other agents that may be called, for the prompt: `[{"name":…,"description":…}]`.
    private static func callableAgents(for agent: AgentConfig, among agents: [AgentConfig]) -> String? {
        let others = agents.filter { $0.name != agent.name && $0.scale > 0 }
        guard !others.isEmpty else { return nil }
        let entries = others.map { other -> JSONValue in
            .object(["name": .string(other.name.rawValue), "description": other.description.map(JSONValue.string)])
        }
        return JSONValue.array(entries).compactText
    }

    private static func dependencies(
        _ context: ProjectContext,
        _ scheduler: Scheduler,
        _ receipts: any Receipts,
        _ http: HTTPRoutes,
        _ sink: any LogSink,
        _ secrets: StoreRedactor,
        state: String
    ) -> GatewayDependencies {
        GatewayDependencies(
            intake: scheduler,
            runs: scheduler,
            models: ModelDoorway(scheduler: scheduler, http: http),
            operators: scheduler,
            chats: scheduler,
            receipts: receipts,
            mask: { text in
                secrets.refresh(at: Date())
                return secrets.redact(text)
            },
            secrets: { type, instances in
                let found = try context.store.webhookSecrets(of: type, named: instances)
                return StoredSecrets(found.secrets, unreadable: found.unreadable.mapValues(\.description))
            },
            apiKey: { try GatewayKey.loadOrCreate(in: context.store, randomBytes: RandomText.bytes).value },
            logsDirectory: state + "/logs",
            transcriptsDirectory: state + "/transcripts",
            log: { sink.write(entry(of: $0)) },
            clock: ContinuousClock(),
            now: { Date() },
            randomBytes: RandomText.bytes
        )
    }

    private static func entry(of line: GatewayLogLine) -> LogEntry {
        LogEntry(
            level: LogLevel(rawValue: line.level.rawValue) ?? .info,
            time: Date(),
            name: "gateway",
            fields: line.fields.objectValue ?? [:],
            message: line.message
        )
    }

    /// Where the gateway listens, and what it shows.
    static func gatewayOptions(
        _ options: SchedulerOptions,
        _ context: ProjectContext,
        _ project: LoadedProject,
        _ route: GatewayRoute,
        _ egress: EgressDirectory?
    ) -> GatewayOptions {
        GatewayOptions(
            port: options.port ?? project.config.gateway.port,
            isExposed: options.isExposed,
            agentAddress: route.listenAddress,
            agentAddressComesWithRuns: route.comesWithRuns,
            agentPortFile: options.project + "/.al/agent-port",
            agentSocketPath: egress?.gatewaySocket,
            trustedProxies: project.config.gateway.trustedProxies.compactMap { AddressRange($0) },
            webhookRate: project.config.gateway.webhookRate,
            projectName: project.config.projectName,
            hasWebUI: options.showsDashboard,
            version: Version.current,
            settings: settings(of: project),
            keyHint: context.home + "/credentials/gateway_api_key/default/key",
            sessionsFile: options.project + "/.al/sessions.json"
        )
    }

    /// The effective settings in the groups of their files' tables, each with the place that decides it.
    private static func settings(of project: LoadedProject) -> JSONValue {
        var groups: OrderedDictionary<String, [JSONValue]> = [:]
        for value in project.effectiveValues {
            let group = value.keyPath.contains(".") ? String(value.keyPath.prefix { $0 != "." }) : "project"
            let place = value.source + (value.line.map { ":\($0)" } ?? "")
            groups[group, default: []].append(
                ["key": .string(value.keyPath), "value": .string(value.value.compactText), "source": .string(place)]
            )
        }
        return .array(groups.map { ["name": .string($0.key), "values": .array($0.value)] })
    }
}

/// The scheduler as a service: it begins when the gateway listens, because runs need its address.
struct SchedulerService: Service {
    let scheduler: Scheduler
    let serving: ServingPort

    /// Runs the scheduler.
    func run() async throws {
        guard await serving.value() != nil else { return }
        try await scheduler.run()
    }
}
