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
        if let problem = ScriptCheck.problems(of: [agent]).first { return .invalid(problem) }
        do {
            try CredentialNeeds(agents: [agent], config: project.config).requireAll(in: store)
        } catch {
            return .invalid("\(error)")
        }
        return .loaded(agent, files: snapshot.filesHash)
    }
}
