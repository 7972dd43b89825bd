package import Domain
package import FoundationEssentials
package import Storage

/// What is known of a project besides its history: its agents and what the scheduler does at the moment.
package struct ProjectFacts: Sendable {
    /// What the scheduler does.
    package enum Phase: Hashable, Sendable { case absent, working, stopping }

    /// The project's id, from which its agents' jitter comes.
    package var id: String
    package var agents: [AgentConfig]
    package var config: ProjectConfig
    /// Zone of schedules where neither agent nor project names one; also the zone of the times in sentences.
    package var defaultZone: TimeZone
    package var flags: SchedulerFlags
    package var phase: Phase
    /// Why the files of agents are not in force, by the names of their directories.
    package var fileProblems: [String: String] = [:]
    /// Why agents have no image to run in.
    package var imageProblems: [AgentName: String] = [:]

    /// Collects the facts.
    package init(
        id: String,
        agents: [AgentConfig],
        config: ProjectConfig,
        defaultZone: TimeZone,
        flags: SchedulerFlags,
        phase: Phase
    ) {
        self.id = id
        self.agents = agents
        self.config = config
        self.defaultZone = defaultZone
        self.flags = flags
        self.phase = phase
    }

    /// The configuration of an agent; `nil` when the project has none of this name.
    package func agent(_ name: AgentName) -> AgentConfig? { agents.first { $0.name == name } }

    /// Whether an agent takes part in schedules, webhooks and calls.
    func isEnabled(_ agent: AgentConfig) -> Bool { agent.scale > 0 && !flags.disabledAgents.contains(agent.name) }

    /// The zone of an agent's schedule.
    func zone(of agent: AgentConfig) -> ScheduleZone { ScheduleZone(of: agent, in: config, machine: defaultZone) }
}
