package import Domain
package import FoundationEssentials

/// Which work items are wanted.
package struct ItemQuery: Hashable, Sendable {
    /// `nil` = of all agents.
    package var agent: AgentName?
    package var state: WorkItemState
    /// Received at this time or later.
    package var since: Date?
    /// Most items returned.
    package var limit: Int

    /// Collects the wishes.
    package init(agent: AgentName? = nil, state: WorkItemState = .waiting, since: Date? = nil, limit: Int = 50) {
        self.agent = agent
        self.state = state
        self.since = since
        self.limit = limit
    }
}
