package import Domain
package import FoundationEssentials

/// Which slots are wanted.
package struct SlotQuery: Hashable, Sendable {
    /// `nil` = of all agents.
    package var agent: AgentName?
    /// Due at this time or later.
    package var since: Date?
    /// Only those behind this one in the order of the list.
    package var before: SlotPosition?
    /// Most slots returned.
    package var limit: Int

    /// Collects the wishes.
    package init(agent: AgentName? = nil, since: Date? = nil, before: SlotPosition? = nil, limit: Int = 50) {
        self.agent = agent
        self.since = since
        self.before = before
        self.limit = limit
    }
}

/// A place in the list of slots, which is ordered by due time (newest first) and agent.
package struct SlotPosition: Hashable, Sendable {
    package var dueAt: Date
    package var agent: AgentName

    /// Names a slot.
    package init(dueAt: Date, agent: AgentName) {
        self.dueAt = dueAt
        self.agent = agent
    }

    /// Reads the text of ``text``.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", maxSplits: 1)
        // A text that is no agent's name is simply no position.
        guard parts.count == 2, let time = Int64(parts[0]), let dueAt = Date(epochMilliseconds: Double(time)),
            let agent = try? AgentName(String(parts[1]))
        else { return nil }
        self.init(dueAt: dueAt, agent: agent)
    }

    /// The position as clients send it back.
    package var text: String { "\(dueAt.milliseconds)-\(agent)" }
}

/// What became of a slot.
package struct SlotRecord: Hashable, Sendable {
    package var agent: AgentName
    package var dueAt: Date
    /// `fired`, `skipped` or `missed`.
    package var end: String
    /// Why it was skipped.
    package var reason: String?
    /// The run it fired.
    package var instance: InstanceID?
    /// How many slots its run made up for, this one included.
    package var catchUp: Int?
    /// For a row that stands for several slots in a row: the first of them, and how many.
    package var firstDueAt: Date?
    package var count: Int

    /// Collects the facts.
    package init(
        agent: AgentName,
        dueAt: Date,
        end: String,
        reason: String? = nil,
        instance: InstanceID? = nil,
        catchUp: Int? = nil,
        firstDueAt: Date? = nil,
        count: Int = 1
    ) {
        self.agent = agent
        self.dueAt = dueAt
        self.end = end
        self.reason = reason
        self.instance = instance
        self.catchUp = catchUp
        self.firstDueAt = firstDueAt
        self.count = count
    }
}

/// Some slots and where the rest begins.
package struct SlotPage: Hashable, Sendable {
    package var slots: [SlotRecord]
    /// `nil` when nothing older is left.
    package var next: SlotPosition?

    /// Collects both.
    package init(slots: [SlotRecord], next: SlotPosition?) {
        self.slots = slots
        self.next = next
    }
}
