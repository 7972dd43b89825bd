import Credentials
import Domain
import Synchronization

/// Hides what agents' configurations say that is secret; prepared once for each configuration, not for each of its runs.
final class AgentRedactors: Sendable {
    private let prepared = Mutex<[AgentName: (agent: AgentConfig, redactor: Redactor)]>([:])

    /// What hides the secrets of this configuration.
    func redactor(of agent: AgentConfig) -> Redactor {
        prepared.withLock { prepared in
            if let known = prepared[agent.name], known.agent == agent { return known.redactor }
            let redactor = Redactor(agent.writtenSecrets)
            prepared[agent.name] = (agent, redactor)
            return redactor
        }
    }
}
