import Domain
import Project

/// What a chat is about.
enum ChatSubject: Sendable {
    /// The project: making and changing agents.
    case project(LoadedProject)
    /// One agent, in its place.
    case agent(AgentConfig)

    /// The agent.
    var agent: AgentConfig? {
        guard case .agent(let agent) = self else { return nil }
        return agent
    }
}
