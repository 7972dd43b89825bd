package import Domain

/// The runs of one agent on one day.
package struct RunSummary: Hashable, Sendable {
    /// `YYYY-MM-DD`, UTC.
    package var day: String
    package var agent: AgentName
    /// All runs that started on the day, those still alive too.
    package var runs: Int
    package var succeeded: Int
    /// Runs that ended in any other way.
    package var failed: Int
    /// Median of the durations of ended runs in milliseconds; `nil` when none has ended.
    package var medianMs: Int?
    /// The duration that 95 of 100 ended runs did not exceed.
    package var p95Ms: Int?
    package var totalTokens: Int
    /// USD; `nil` when the price of one run is unknown.
    package var cost: Double?

    /// Collects the figures.
    package init(
        day: String,
        agent: AgentName,
        runs: Int,
        succeeded: Int,
        failed: Int,
        medianMs: Int?,
        p95Ms: Int?,
        totalTokens: Int,
        cost: Double?
    ) {
        self.day = day
        self.agent = agent
        self.runs = runs
        self.succeeded = succeeded
        self.failed = failed
        self.medianMs = medianMs
        self.p95Ms = p95Ms
        self.totalTokens = totalTokens
        self.cost = cost
    }
}

/// Calls from one agent to another.
package struct CallEdge: Hashable, Sendable {
    package var caller: AgentName
    package var target: AgentName
    package var count: Int
    /// Calls that ended in an error.
    package var failed: Int

    /// Collects the figures.
    package init(caller: AgentName, target: AgentName, count: Int, failed: Int) {
        self.caller = caller
        self.target = target
        self.count = count
        self.failed = failed
    }
}

/// Order statistics of a list of numbers.
enum Quantile {
    /// The smallest value that at least `share` of the values do not exceed; `nil` of nothing.
    static func value(of sorted: [Int], share: Double) -> Int? {
        guard !sorted.isEmpty else { return nil }
        let rank = Int((share * Double(sorted.count)).rounded(.up))
        return sorted[min(sorted.count, max(1, rank)) - 1]
    }
}
