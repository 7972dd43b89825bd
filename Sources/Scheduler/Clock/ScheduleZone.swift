import Domain
import FoundationEssentials

/// The zone in which an agent's schedule counts, and its days: its own, the project's or the machine's.
struct ScheduleZone {
    let zone: TimeZone
    /// As it was written, for people: Foundation calls some zones otherwise.
    let name: String

    init(of agent: AgentConfig, in config: ProjectConfig, machine: TimeZone) {
        let written = agent.timezone ?? config.timezone
        zone = written.flatMap(TimeZone.init(identifier:)) ?? machine
        name = written ?? machine.identifier
    }
}
