package import Domain
package import FoundationEssentials

/// A stored work item.
package struct WorkItem: Hashable, Sendable {
    package var id: String
    package var agent: AgentName
    package var trigger: Trigger
    package var receivedAt: Date
    package var state: WorkItemState
    /// Why it was dropped.
    package var reason: String?
    /// Not to be claimed before; `nil` = at once.
    package var dueAt: Date?
    /// Of the items of one agent with one key at most one run is alive.
    package var key: String?

    /// Collects the facts.
    package init(
        id: String,
        agent: AgentName,
        trigger: Trigger,
        receivedAt: Date,
        state: WorkItemState,
        reason: String? = nil,
        dueAt: Date? = nil,
        key: String? = nil
    ) {
        self.id = id
        self.agent = agent
        self.trigger = trigger
        self.receivedAt = receivedAt
        self.state = state
        self.reason = reason
        self.dueAt = dueAt
        self.key = key
    }
}

/// What became of a claim.
package struct ClaimResult: Hashable, Sendable {
    /// `nil` when nothing waits that may start.
    package var run: RunRecord?
    /// Items before it that could not be read.
    package var dropped: [DroppedItem] = []
}

/// An item that will not run: its queue was full, a newer one took its place, or it cannot be read.
package struct DroppedItem: Hashable, Sendable {
    package var id: String
    package var agent: AgentName
    /// The delivery it came with, if any.
    package var deliveryID: String?
    package var reason: String

    /// Collects the facts.
    package init(id: String, agent: AgentName, deliveryID: String?, reason: String) {
        self.id = id
        self.agent = agent
        self.deliveryID = deliveryID
        self.reason = reason
    }
}

/// What happened when an item was stored.
package struct EnqueueResult: Hashable, Sendable {
    /// The item that had to make room.
    package var dropped: DroppedItem?
    /// Items whose place the new one took.
    package var superseded: [DroppedItem]
    /// Waiting items of the agent, the new one included.
    package var depth: Int

    /// Collects the facts.
    package init(dropped: DroppedItem?, superseded: [DroppedItem] = [], depth: Int) {
        self.dropped = dropped
        self.superseded = superseded
        self.depth = depth
    }
}

/// Which waiting items of an agent may be claimed at the moment.
package enum ClaimRule: Hashable, Sendable {
    case any
    /// Orders of people only: the agent is disabled or the scheduler paused.
    case manualOnly
}

/// The item that an agent would claim next.
package struct QueueHead: Hashable, Sendable {
    package var agent: AgentName
    package var itemID: String
    package var receivedAt: Date

    /// Collects the facts.
    package init(agent: AgentName, itemID: String, receivedAt: Date) {
        self.agent = agent
        self.itemID = itemID
        self.receivedAt = receivedAt
    }
}
