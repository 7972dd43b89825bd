package import Domain
package import FoundationEssentials

/// What becomes of one due time of an agent's schedule.
package struct SlotDecision: Hashable, Sendable {
    package var agent: AgentName
    package var due: Date
    package var end: SlotEnd

    /// Collects the facts.
    package init(agent: AgentName, due: Date, end: SlotEnd) {
        self.agent = agent
        self.due = due
        self.end = end
    }
}

/// A slot that was recorded as it was decided.
package struct DecidedSlot: Hashable, Sendable {
    package var slot: SlotDecision
    /// What it started.
    package var run: RunRecord?
}

/// How a slot ends.
package enum SlotEnd: Hashable, Sendable {
    /// It starts a run; with `catchUp` that run makes up for so many slots, this one included.
    case fired(NewRun, catchUp: Int?)
    case skipped(SlotSkipReason)
    /// No scheduler ran, or it woke too late.
    case missed
    /// One row for so many missed slots in a row, of which the decision's due time is the last.
    case missedMany(first: Date, count: Int)
}
