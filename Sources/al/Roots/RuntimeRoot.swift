import AsyncHTTPClient
import Credentials
import Crypto
import Domain
import Foundation
import Runtimes

/// Chooses where runs execute, with the real engine, clock and executable.
enum RuntimeRoot {
    /// Chooses a runtime that was tried and works, or fails with the remedies.
    ///
    /// With `mayFallBackToHost` the agents are al's own, so they may run as plain processes where nothing else works. Without
    /// `mayStartRuns` nothing is written.
    static func select(
        _ config: ProjectConfig,
        _ context: ProjectContext,
        mayFallBackToHost: Bool,
        mayStartRuns: Bool
    ) async throws -> RuntimeSelection {
        let parts = try parts(config, context, mayStartRuns: mayStartRuns)
        do {
            return try await selectRuntime(requested: config.local.runtime, parts: parts)
        } catch let error as RuntimeError where error.code == .unavailable {
            guard mayFallBackToHost, config.local.runtime == nil else { throw error }
            var selection = try await selectRuntime(requested: .host, parts: parts)
            selection.reason = "host: neither an engine nor bubblewrap works here, and these agents are al's own."
            return selection
        }
    }

    /// The gateway's address as somebody who knows the network wrote it; `nil` = runs use the runtime's own way.
    static func writtenGateway(_ config: ProjectConfig, on runtime: any Runtime) -> String? {
        let variable = ProcessInfo.processInfo.environment["GATEWAY_URL"].flatMap { $0.isEmpty ? nil : $0 }
        if let variable { return variable }
        guard runtime.isElsewhere, let url = config.gateway.url, let host = URL(string: url)?.host else { return nil }
        // What is this machine for our commands is the server itself there.
        return LocalNetwork.isLoopback(host) ? nil : url
    }

    /// What runs lack that cannot reach the gateway; `nil` = they can.
    static func gatewayWarning(_ config: ProjectConfig, on runtime: any Runtime) -> String? {
        guard runtime.isElsewhere, writtenGateway(config, on: runtime) == nil else { return nil }
        return
            "Runs on the server do not reach this machine: locks, calls, status and shutdown need a gateway.url that "
            + "the server can open. Without it each run has its model's key among its credentials."
    }

    /// Closes a runtime, also when the task that used it was cancelled.
    static func close(_ runtime: any Runtime) async {
        // What was cancelled could start no process to say good-bye.
        await Task { await runtime.close() }.value
    }

    /// Which runtime runs the agents and why, for people.
    static func sentence(_ selection: RuntimeSelection) -> String { "Runtime: \(selection.reason)" }

    private static func parts(
        _ config: ProjectConfig,
        _ context: ProjectContext,
        mayStartRuns: Bool
    ) throws -> RuntimeParts {
        let executable = executablePath
        let project = ProjectDirectory(id: SchedulerRoot.projectID(context.directory), path: context.directory)
        return RuntimeParts(
            project: project,
            limits: config.local,
            server: try config.server.map(context.withStoredKey),
            sharedID: config.projectName.map(SchedulerRoot.projectID),
            owner: {
                if mayStartRuns { return try RunOwner.name(of: context.directory, home: context.home) }
                return RunOwner.known(of: context.directory, home: context.home) ?? "nobody"
            },
            home: context.home,
            executablePath: executable,
            buildID: try buildID(of: executable),
            version: Version.current,
            environment: ProcessInfo.processInfo.environment,
            clock: ContinuousClock(),
            engineHTTP: engineHTTP,
            staticFiles: StaticFiles.files(for:),
            configurationText: configurationText(of:)
        )
    }

    /// Lives as long as the process.
    private static let engineHTTP = HTTPClient(
        eventLoopGroupProvider: .singleton,
        configuration: EngineEndpoint.httpConfiguration
    )

    private static func configurationText(of agent: AgentConfig) throws -> String { agent.json.compactText }

    /// The running executable, without links.
    static var executablePath: String {
        // Where /proc is missing the name of the call is the best there is.
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }

    /// Digits that change with the executable: hashing 90 MB at every start would take longer than everything else.
    private static func buildID(of path: String) throws -> String {
        let facts = try FileManager.default.attributesOfItem(atPath: path)
        let size = facts[.size] as? Int ?? 0
        let changed = (facts[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        let text = "\(Version.current) \(path) \(size) \(changed)"
        return SHA256.hash(data: Data(text.utf8)).prefix(6).hexText
    }
}

/// What a run of an agent sees under `/app/static`.
enum StaticFiles {
    /// Name → content.
    static func files(for agent: AgentConfig) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [
            "agent-config.json": Array(SecretValues.hidden(agent.json).compactText.utf8),
            "ACTIONS.md": Array(agent.instructions.utf8),
            "timeout": Array(String(agent.timeout).utf8),
        ]
        let isInScriptMode = agent.isInScriptMode
        if isInScriptMode { files["test-script.sh"] = try content(agent.testScript) }
        for (index, script) in agent.scripts.enumerated() {
            let path = agent.path(ofScript: script)
            // In script mode no run reads it, so it need not be there.
            if isInScriptMode, !FileManager.default.fileExists(atPath: path) { continue }
            files[AgentConfig.nameOfBakedScript(index)] = try content(path)
        }
        if !agent.directory.isEmpty {
            var skills = SkillFiles(of: agent.directory)
            try skills.collect("skills")
            files.merge(skills.files) { own, _ in own }
        }
        return files
    }

    fileprivate static func content(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }
}

/// Collects what is below `skills/` of an agent, links followed.
private struct SkillFiles {
    /// More files and directories than this are no skills but what links lead to.
    private static let most = 10_000

    /// Name → content.
    private(set) var files: [String: [UInt8]] = [:]
    private var count = 0
    private let directory: String
    /// What links must not lead to: the agent itself with all that it is in, and the state of its project.
    private let own: String
    private let state: String

    init(of directory: String) {
        self.directory = directory
        own = Self.realPath(directory)
        let project = URL(fileURLWithPath: own).deletingLastPathComponent().deletingLastPathComponent().path
        state = Self.realPath("\(project)/.al")
    }

    /// Collects the files of a directory; one that links lead back to, so that it is below itself, is not entered again.
    mutating func collect(_ path: String, above: Set<String> = []) throws {
        let real = Self.realPath("\(directory)/\(path)")
        // A directory that is not there, as most agents have none.
        guard !above.contains(real), let names = try? FileManager.default.contentsOfDirectory(atPath: real) else {
            return
        }
        for name in names where !IgnoreRules.excludesAlways(name) && mayLead(to: "\(real)/\(name)") {
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: "\(real)/\(name)", isDirectory: &isDirectory) else { continue }
            count += 1
            guard count <= Self.most else {
                throw Failure(
                    "Error: \(directory)/skills has more than \(Self.most) files and directories: "
                        + "does a link in it lead to something that is no skill?"
                )
            }
            if isDirectory.boolValue {
                try collect("\(path)/\(name)", above: above.union([real]))
            } else {
                files["\(path)/\(name)"] = try StaticFiles.content("\(real)/\(name)")
            }
        }
    }

    /// Whether what is there, with its links followed, may be part of a skill.
    private func mayLead(to path: String) -> Bool {
        let real = Self.realPath(path)
        return !"\(own)/".hasPrefix(real == "/" ? real : "\(real)/") && !"\(real)/".hasPrefix("\(state)/")
            && !IgnoreRules.excludesAlways(URL(fileURLWithPath: real).lastPathComponent)
    }

    private static func realPath(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }
}
