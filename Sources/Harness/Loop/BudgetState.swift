import Domain

/// Compares what a run spent with what it may spend.
struct BudgetState {
    private let limits: RunLimits
    private var warned: Set<String> = []
    private var wasToldTheTime = false

    init(_ limits: RunLimits) { self.limits = limits }

    /// The first budget that is used up.
    func spent(_ usage: TokenUsage) -> BudgetStatus? { statuses(usage).first { $0.spent >= $0.limit } }

    /// Budgets that passed 80 % since the last call; each is named once.
    mutating func newWarnings(_ usage: TokenUsage) -> [BudgetStatus] {
        statuses(usage).filter { $0.spent >= 0.8 * $0.limit && warned.insert($0.budget).inserted }
    }

    /// What the model is told, once, when nine tenths of the time are over.
    mutating func timeNote(left: Duration?, of limit: Duration?) -> String? {
        guard let left, let limit, !wasToldTheTime, left <= limit / 10 else { return nil }
        wasToldTheTime = true
        let seconds = max(0, left.components.seconds)
        return "\(Self.timeNoteBeginning) \(seconds) seconds are left. \(Self.advice)"
    }

    static let timeNoteBeginning = "Note from the harness: most of the time of this run is over,"

    /// Output limit of the next reply; `nil` when the model's own does not pass the token budget.
    func outputLimit(_ usage: TokenUsage, prompt: Int, modelLimit: Int) -> Int? {
        guard let limit = limits.maxTokensPerRun else { return nil }
        let room = limit - usage.total - prompt
        return room < modelLimit ? max(256, room) : nil
    }

    /// Tells the model what is left.
    static func note(_ status: BudgetStatus) -> String {
        let amount = status.amount(max(0, status.limit - status.spent))
        return "Note from the harness: most of the budget of this run is used, \(amount) are left. \(advice)"
    }

    private static let advice = "Finish what is essential, save your work, and report."

    private func statuses(_ usage: TokenUsage) -> [BudgetStatus] {
        var all = [BudgetStatus(budget: "maxTurns", spent: Double(usage.turns), limit: Double(limits.maxTurns))]
        if let limit = limits.maxTokensPerRun {
            all.append(BudgetStatus(budget: "maxTokensPerRun", spent: Double(usage.total), limit: Double(limit)))
        }
        let costs = [("maxCostPerRun", limits.maxCostPerRun), ("maxCostPerDay", limits.maxCostPerDay)]
        for case (let budget, let limit?) in costs {
            if let cost = usage.cost { all.append(BudgetStatus(budget: budget, spent: cost, limit: limit)) }
        }
        return all
    }
}
