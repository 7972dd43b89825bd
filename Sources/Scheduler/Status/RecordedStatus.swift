import Domain
package import FoundationEssentials
package import Storage

/// What the records say about a project's agents while no scheduler runs.
package struct RecordedStatus: Sendable {
    /// By name, with the last runs that have an end.
    package var agents: [AgentStatus]
    /// Runs without a recorded end, which the next start looks after, oldest first.
    package var instances: [InstanceStatus]
    /// The daily budgets of which nothing is left.
    package var spentBudgets: [DailyBudget]

    /// Reads the status.
    ///
    /// - Parameters:
    ///   - facts: the project as its files describe it.
    ///   - history: the records; `nil` before the first start.
    ///   - time: the moment.
    /// - Throws: what the history throws.
    package init(of facts: ProjectFacts, in history: (any History)?, at time: Date) async throws {
        var board = StatusBoard(agents: facts.agents, scales: [:])
        for agent in facts.agents { board.change(agent.name) { $0.isEnabled = facts.isEnabled(agent) } }
        if let history { try await board.show(history, of: facts.agents, at: time) }
        agents = facts.agents.compactMap { board.agents[$0.name] }
        instances = board.instances(at: time)
        let budgets = history.map { BudgetReader(facts, in: $0, at: time) }
        spentBudgets = try await budgets?.spentBudgets(of: facts.agents) ?? []
    }
}

extension StatusBoard {
    fileprivate mutating func show(_ history: any History, of agents: [AgentConfig], at time: Date) async throws {
        for (agent, record) in try await history.lastEndedRuns(of: agents.map(\.name)) {
            showLast(record, of: agent)
        }
        for state in [RunState.running, .starting] {
            for record in try await history.runs(RunQuery(state: state, limit: 1000)).runs {
                begin(record, label: record.trigger.wireLabel, at: time)
            }
        }
        for (agent, depth) in try await history.queueDepths() { change(agent) { $0.queuedItems = depth } }
    }
}
