import Credentials
import Domain
import Foundation
import LanguageModels
import Project
import Terminal

/// The project that a command is about: its files, its store, its gateway.
struct ProjectContext {
    /// Absolute path.
    let directory: String
    /// `~/.action-llama`, or `ACTION_LLAMA_HOME`.
    let home: String
    private let environment: String?

    /// Resolves the options; the project must exist and must not be an agent's directory.
    init(_ options: ProjectOptions) throws {
        try self.init(directory: options.directory(), home: Self.defaultHome, environment: options.env)
    }

    /// Names everything.
    init(directory: String, home: String, environment: String?) throws {
        self.directory = directory
        self.home = home
        self.environment = environment
    }

    /// The user's directory: `ACTION_LLAMA_HOME`, else `~/.action-llama`.
    static var defaultHome: String {
        let variables = ProcessInfo.processInfo.environment
        if let home = variables["ACTION_LLAMA_HOME"], !home.isEmpty { return home }
        return (variables["HOME"] ?? NSHomeDirectory()) + "/.action-llama"
    }

    /// Where the log files are.
    var logDirectory: String { directory + "/.al/logs" }

    /// Reads all files of the project.
    func load() throws -> LoadedProject {
        let loader = ProjectLoader(home: home, variables: ProcessInfo.processInfo.environment, facts: .standard)
        let project = loader.load(directory, environment: environment)
        // With these everything else would be about the wrong project or the wrong target.
        let misleading: Set<ProblemCode> = [.projectIsAgent, .environmentNotFound, .environmentBadName]
        if let wrongPlace = project.problems.first(where: { misleading.contains($0.code) }) {
            throw Failure("Configuration error: \(wrongPlace)")
        }
        return project
    }

    /// What the project in the working directory needs; `nil` when none is there.
    static func needsOfCurrentDirectory() -> CredentialNeeds? {
        let directory = FileManager.default.currentDirectoryPath
        let marks = ["config.toml", "agents", ".env.toml"]
        guard marks.contains(where: { FileManager.default.fileExists(atPath: "\(directory)/\($0)") }) else {
            return nil
        }
        let loader = ProjectLoader(home: defaultHome, variables: ProcessInfo.processInfo.environment)
        // Broken agents are not there; the doctor says why.
        let project = loader.load(directory, environment: nil)
        return CredentialNeeds(agents: project.agents, config: project.config)
    }

    /// The credential store.
    var store: CredentialStore { CredentialStore(home: home) }

    /// A client of this project's scheduler.
    func gatewayClient() throws -> GatewayClient {
        let settings = try load().config.gateway
        // Without a readable key the request goes out without one; the gateway's 401 explains itself.
        let key = try? store.read(type: "gateway_api_key", instance: "default")?["key"]
        return GatewayClient(
            baseURL: settings.url ?? "http://localhost:\(runningPort ?? settings.port)",
            key: key ?? nil
        )
    }

    /// Ends the command unless the agent exists.
    func requireAgent(_ name: String) throws {
        let names = try load().agentDirectories
        guard !names.contains(name) else { return }
        let known = names.isEmpty ? "there are no agents" : "Available agents: \(names.joined(separator: ", "))"
        throw Failure("Error: Agent \"\(name)\" not found. \(known).")
    }

    /// The port that the running scheduler wrote into its lock file, so that `--port` need not be repeated.
    private var runningPort: Int? {
        // No lock file or an unreadable one means that no scheduler told its port.
        guard let text = try? String(contentsOfFile: directory + "/.al/scheduler.lock", encoding: .utf8),
            let lock = try? JSONValue(parsing: text)
        else { return nil }
        return lock["port"]?.intValue
    }
}

extension OutsideFacts {
    /// The catalogue of credentials and the table of models.
    static let standard = OutsideFacts(
        credentialTypes: CredentialCatalog.standard.types.map(\.id),
        hostOnlyTypes: Set(CredentialCatalog.standard.types.filter { $0.exposure == .host }.map(\.id)),
        isPriced: { ModelTable.info(for: $0).price != nil }
    )
}

extension AgentConfig {
    /// What starts the agent, as `al stat` shows it.
    var triggerLabel: String {
        switch (schedule != nil, !webhooks.isEmpty) {
        case (true, true): "cron + webhook"
        case (true, false): "cron"
        case (false, true): "webhook"
        case (false, false): "(manual)"
        }
    }
}
