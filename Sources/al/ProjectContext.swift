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
    /// The value of `--env`.
    let environment: String?

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

    /// Reads all files of the project; `runtime` is where runs are to execute whatever they say.
    func load(runtime: RuntimeKind? = nil) throws -> LoadedProject {
        let loader = ProjectLoader(home: home, variables: ProcessInfo.processInfo.environment, facts: .standard)
        let project = loader.load(directory, environment: environment, runtime: runtime)
        // With these everything else would be about the wrong project or the wrong target.
        let misleading: Set<ProblemCode> = [.projectIsAgent, .environmentNotFound, .environmentBadName]
        if let wrongPlace = project.problems.first(where: { misleading.contains($0.code) }) {
            throw wrongPlace
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

    /// The durable state.
    var stateFile: String { directory + "/.al/state.db" }

    /// Reads an agent's name.
    func agentName(_ text: String) throws -> AgentName {
        do {
            return try AgentName(text)
        } catch {
            throw Failure("Error: \"\(text)\" cannot be the name of an agent.")
        }
    }

    /// Ends the command unless the agent exists.
    func requireAgent(_ name: String) throws {
        let names = try load().agentDirectories
        guard !names.contains(name) else { return }
        let known = names.isEmpty ? "There are no agents" : "Available agents: \(names.joined(separator: ", "))"
        let near = Suggestion.nearest(to: name, among: names).map { " Did you mean \($0)?" } ?? ""
        throw Failure("Error: Agent \"\(name)\" not found.\(near) \(known).")
    }
}

extension OutsideFacts {
    /// The catalogue of credentials and the table of models.
    static let standard = OutsideFacts(
        credentialTypes: CredentialCatalog.standard.types.map(\.id),
        hostOnlyTypes: Set(CredentialCatalog.standard.types.filter { $0.exposure == .host }.map(\.id)),
        brokeredTypes: Set(CredentialCatalog.standard.types.filter { $0.brokerage != nil }.map(\.id)),
        // A script names its prices itself; without any its tokens cost nothing.
        isPriced: { $0.provider == .scripted || ModelTable.info(for: $0).price != nil }
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
