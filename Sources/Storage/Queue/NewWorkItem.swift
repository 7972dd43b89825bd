package import Domain
package import FoundationEssentials

/// A work item about to be stored.
package struct NewWorkItem: Hashable, Sendable {
    /// Our id (UUID).
    package var id: String
    package var agent: AgentName
    package var trigger: Trigger
    package var receivedAt: Date
    /// The agent's `workQueueSize`.
    package var queueLimit: Int
    /// What happens when that many already wait.
    package var overflow: QueueOverflow
    /// Of the items of one agent with one key at most one run is alive; `nil` = no limit of that kind.
    package var key: String?
    /// Waiting items of one agent with one group are superseded by the newest; `nil` = by none.
    package var group: String?
    /// Seconds without another item of the group before this one becomes due, at most ten times that after the group's
    /// first; `nil` = due at once.
    package var debounce: Int?

    /// Collects the facts.
    package init(
        id: String,
        agent: AgentName,
        trigger: Trigger,
        receivedAt: Date,
        queueLimit: Int,
        overflow: QueueOverflow = .dropOldest,
        key: String? = nil,
        group: String? = nil,
        debounce: Int? = nil
    ) {
        self.id = id
        self.agent = agent
        self.trigger = trigger
        self.receivedAt = receivedAt
        self.queueLimit = queueLimit
        self.overflow = overflow
        self.key = key
        self.group = group
        self.debounce = debounce
    }
}
