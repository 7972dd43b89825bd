package import OrderedCollections

/// What came in and what became of it: both columns of each account must be equal.
package struct Audit: Hashable, Sendable {
    /// Schedule slots by end.
    package var slots = Account()
    /// Accepted deliveries times matching agents, by what became of the work.
    package var deliveries = Account()
    /// Runs by state.
    package var runs = Account()
    /// Calls by state.
    package var calls = Account()
    /// Rows that are in neither column.
    package var open: [OpenRow] = []

    /// An empty audit, which balances.
    package init() {}

    /// Whether everything that came in has exactly one end or is still under way.
    package var isBalanced: Bool {
        open.isEmpty && [slots, deliveries, runs, calls].allSatisfy(\.isBalanced)
    }

    /// One account.
    package struct Account: Hashable, Sendable {
        /// What came in.
        package var total: Int
        /// What became of it: end → reason (empty when there is none) → count, in the order of the report.
        package var ends: OrderedDictionary<String, OrderedDictionary<String, Int>>

        /// Collects both.
        package init(total: Int = 0, ends: OrderedDictionary<String, OrderedDictionary<String, Int>> = [:]) {
            self.total = total
            self.ends = ends
        }

        /// Whether the ends add up to what came in.
        package var isBalanced: Bool { total == counted }

        /// The sum of all ends.
        package var counted: Int { ends.values.reduce(0) { $0 + $1.values.reduce(0, +) } }

        /// Adds to an end.
        mutating func add(_ count: Int, to end: String, reason: String = "") {
            ends[end, default: [:]][reason, default: 0] += count
        }
    }

    /// A row without an end.
    package struct OpenRow: Hashable, Sendable {
        /// `slot`, `delivery`, `run` or `call`.
        package var kind: String
        /// The row's name for people.
        package var name: String
        /// What is wrong with it.
        package var problem: String

        /// Collects the facts.
        package init(kind: String, name: String, problem: String) {
            self.kind = kind
            self.name = name
            self.problem = problem
        }
    }
}
