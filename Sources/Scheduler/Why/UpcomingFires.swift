package import Domain
package import FoundationEssentials
import Storage

/// The next due times of one agent's schedule.
package struct UpcomingFires: Sendable {
    package var agent: AgentName
    package var expression: String
    package var zone: TimeZone
    /// The zone as the files name it.
    package var zoneName: String
    /// Due times, the next first; empty for a schedule that never fires (again).
    package var slots: [Date]
    /// When each of them really fires: the agent's jitter later.
    package var fireAt: [Date]
    /// `paused`, `disabled` or `never`; `nil` when the slots will fire.
    package var note: String?

    /// The fires of every scheduled agent, by name.
    ///
    /// - Parameters:
    ///   - facts: the project.
    ///   - name: only this agent; `nil` = all.
    ///   - count: most slots for each agent.
    ///   - now: only slots that fire after this time.
    /// - Returns: the agents that have a schedule.
    package static func all(in facts: ProjectFacts, agent name: AgentName?, count: Int, after now: Date) -> [Self] {
        facts.agents.filter { name == nil || $0.name == name }.compactMap { agent in
            agent.schedule.map { Self(agent: agent, schedule: $0, facts: facts, count: count, after: now) }
        }
    }

    private init(agent: AgentConfig, schedule: CronSchedule, facts: ProjectFacts, count: Int, after now: Date) {
        self.agent = agent.name
        expression = schedule.expression
        let scheduleZone = facts.zone(of: agent)
        zone = scheduleZone.zone
        zoneName = scheduleZone.name
        let shift = Double(ScheduleJitter.seconds(project: facts.id, agent: agent.name, within: agent.jitter))
        // What is due already may still wait for its jitter.
        slots = schedule.nextFires(count, after: now.addingTimeInterval(-shift), in: zone)
        fireAt = slots.map { $0.addingTimeInterval(shift) }
        note =
            if slots.isEmpty { "never" } else if !facts.isEnabled(agent) { "disabled" } else if facts.flags.isPaused {
                "paused"
            } else { nil }
    }
}
