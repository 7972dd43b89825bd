package import Domain
package import FoundationEssentials

/// Which runs are wanted.
package struct RunQuery: Hashable, Sendable {
    /// `nil` = of all agents.
    package var agent: AgentName?
    /// `nil` = in any state.
    package var state: RunState?
    /// Started at this time or later.
    package var since: Date?
    /// Newest ones to leave out.
    package var offset: Int
    /// Most runs returned.
    package var limit: Int
    /// Whether those on other pages are counted too, which takes as long as there are many.
    package var isCounted: Bool

    /// Collects the wishes.
    package init(
        agent: AgentName? = nil,
        state: RunState? = nil,
        since: Date? = nil,
        offset: Int = 0,
        limit: Int = 50,
        isCounted: Bool = false
    ) {
        self.agent = agent
        self.state = state
        self.since = since
        self.offset = offset
        self.limit = limit
        self.isCounted = isCounted
    }
}

/// Some runs and how many there are.
package struct RunPage: Hashable, Sendable {
    package var runs: [RunRecord]
    /// All that fit the query, on other pages too; `nil` where nobody wants them counted.
    package var total: Int?

    /// Collects both.
    package init(runs: [RunRecord], total: Int?) {
        self.runs = runs
        self.total = total
    }
}

/// A change of a run's state.
package struct RunTransition: Hashable, Sendable {
    /// `nil` for the first one.
    package var from: RunState?
    package var to: RunState
    package var at: Date

    /// Collects the facts.
    package init(from: RunState?, to: RunState, at: Date) {
        self.from = from
        self.to = to
        self.at = at
    }
}
