import Domain
import FoundationEssentials
import Storage

/// Compares what was spent with the daily budgets that the configuration sets.
struct BudgetReader: Sendable {
    var config: ProjectConfig
    /// Zone of days where neither agent nor project names one.
    var defaultZone: TimeZone
    var now: Date
    /// USD spent in a day by one agent or all.
    var spent: @Sendable (AgentName?, BudgetDay) async throws -> Double

    /// The budgets that concern an agent: its own and the project's, if they have a limit.
    func budgets(of agent: AgentConfig) async throws -> [DailyBudget] {
        [try await own(of: agent), try await ofProject()].compactMap(\.self)
    }

    /// The budgets of which nothing is left, the project's first, then those of agents in the order given.
    func spentBudgets(of agents: [AgentConfig]) async throws -> [DailyBudget] {
        var budgets = [try await ofProject()]
        for agent in agents { budgets.append(try await own(of: agent)) }
        return budgets.compactMap(\.self).filter(\.isSpent)
    }

    private func own(of agent: AgentConfig) async throws -> DailyBudget? {
        try await budget(of: agent.name, limit: agent.limits.maxCostPerDay, zone: agent.timezone)
    }

    private func ofProject() async throws -> DailyBudget? {
        try await budget(of: nil, limit: config.limits.maxCostPerDay, zone: nil)
    }

    private func budget(of agent: AgentName?, limit: Double?, zone: String?) async throws -> DailyBudget? {
        guard let limit else { return nil }
        let zones = [zone, config.timezone].lazy.compactMap { $0.flatMap(TimeZone.init(identifier:)) }
        let day = BudgetDay(containing: now, in: zones.first ?? defaultZone)
        return DailyBudget(agent: agent, limit: limit, spent: try await spent(agent, day), dayEnd: day.end)
    }
}

extension BudgetReader {
    /// Reads a project's budgets from its records.
    init(_ facts: ProjectFacts, in history: any History, at time: Date) {
        self.init(config: facts.config, defaultZone: facts.defaultZone, now: time) {
            try await history.spent(by: $0, from: $1.start, to: $1.end)
        }
    }
}
