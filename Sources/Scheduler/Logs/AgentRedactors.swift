import Credentials
import Domain

/// Hides what agents' configurations say that is secret; prepared once for each configuration, not for each of its runs.
struct AgentRedactors {
    private var prepared: [AgentName: (agent: AgentConfig, redactor: Redactor)] = [:]

    /// What hides the secrets of this configuration.
    mutating func redactor(of agent: AgentConfig) -> Redactor {
        if let known = prepared[agent.name], known.agent == agent { return known.redactor }
        let redactor = Redactor(agent.writtenSecrets)
        prepared[agent.name] = (agent, redactor)
        return redactor
    }

    mutating func forget(_ agent: AgentName) { prepared[agent] = nil }
}
