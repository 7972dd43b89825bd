package import Domain
package import FoundationEssentials

/// What may be spent in one day, by the runs of one agent or of all.
package struct DailyBudget: Hashable, Sendable {
    /// `nil`: the budget of the project.
    package var agent: AgentName?
    /// USD.
    package var limit: Double
    /// USD spent since the day began.
    package var spent: Double
    /// The end of the day, when there is money again.
    package var dayEnd: Date

    var left: Double { max(0, limit - spent) }

    /// Sums of many small costs are a little off: what is missing is less than any reply costs.
    var isSpent: Bool { spent >= limit - 1e-9 }

    /// What whoever asks for a run is told.
    var refusal: String {
        agent.map { "daily budget of agent \"\($0)\" is spent" } ?? "daily budget of the project is spent"
    }
}

/// A calendar day of a zone.
struct BudgetDay: Hashable, Sendable {
    var start: Date
    var end: Date

    /// The day that holds a time; 23 or 25 hours long where the clock changes.
    init(containing time: Date, in zone: TimeZone) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        start = calendar.startOfDay(for: time)
        let next = calendar.date(byAdding: .day, value: 1, to: start) ?? start.addingTimeInterval(86_400)
        end = calendar.startOfDay(for: next)
    }
}

/// What a run that starts now may cost because of the daily budgets.
enum Allowance: Hashable {
    /// No daily budget concerns the agent.
    case unlimited
    /// USD.
    case limited(Double)
    case spent(DailyBudget)

    /// - Parameters:
    ///   - budgets: those of the agent and the project that have a limit.
    ///   - perRun: the agent's `maxCostPerRun`.
    init(budgets: [DailyBudget], perRun: Double?) {
        if let spent = budgets.first(where: \.isSpent) {
            self = .spent(spent)
        } else if let left = budgets.map(\.left).min() {
            self = .limited(min(left, perRun ?? left))
        } else {
            self = .unlimited
        }
    }

    /// USD, `nil` = no limit.
    var amount: Double? {
        switch self {
        case .unlimited: nil
        case .limited(let amount): amount
        case .spent: 0
        }
    }
}
