import Credentials
import Domain
import Project
import Scheduler

extension AgentSource {
    /// Reads the agents of a project again as `al start` read them: valid, with every credential there.
    ///
    /// The project's own settings stay what they were at start.
    static func files(of project: LoadedProject, store: CredentialStore, watch: any AgentWatch) -> AgentSource {
        AgentSource(
            load: { name in
                switch project.reload(name, last: nil) {
                case .added(let snapshot), .changed(let snapshot): reading(of: snapshot, in: project, store)
                case .unchanged, .removed: .absent
                case .invalid(let problems): .invalid(problems.map(\.description).joined(separator: "; "))
                }
            },
            names: { project.presentAgentDirectories },
            watch: watch,
            isPresent: { LoadedProject.isAgent(directory: $0.directory) }
        )
    }

    private static func reading(
        of snapshot: AgentSnapshot,
        in project: LoadedProject,
        _ store: CredentialStore
    ) -> AgentReading {
        let agent = snapshot.config
        let scripts = ScriptCheck.problems(of: [agent], in: project.directory)
        if let problem = scripts.first(where: \.isError) { return .invalid("\(problem)") }
        do {
            try CredentialNeeds(agents: [agent], config: project.config).requireAll(in: store)
        } catch {
            let place = project.place(of: key(of: error, in: agent, project), inAgent: agent.name.rawValue)
            return .invalid("\(place): \(error)")
        }
        let warnings = (snapshot.warnings + scripts).map(\.description)
        return .loaded(agent, files: snapshot.filesHash, warnings: warnings)
    }

    /// The key of an agent's file that asks for what the store cannot give.
    private static func key(of error: CredentialError, in agent: AgentConfig, _ project: LoadedProject) -> String {
        if error.references.isEmpty { return "credentials" }
        if let index = agent.credentials.firstIndex(where: { own in
            error.references.contains { $0.type == own.type && ($0.instance == own.instance || error.code != .missing) }
        }) {
            return "credentials[\(index)]"
        }
        let index = agent.webhooks.firstIndex { trigger in
            guard let source = project.config.webhooks[trigger.source], let instance = source.credential,
                let secret = CredentialCatalog.webhookSecret(of: source.type)
            else { return false }
            return error.references.contains(CredentialReference(type: secret.type, instance: instance))
        }
        return index.map { "webhooks[\($0)].source" } ?? "model"
    }
}
