import Domain
import FoundationEssentials
import Logging
import OrderedCollections
import Storage

extension Scheduler {
    /// The daily budgets that concern an agent, as they stand now: its own and the project's, if they have a limit.
    func budgets(of agent: AgentConfig) async throws -> [DailyBudget] {
        try await budgetReader.budgets(of: agent)
    }

    var budgetReader: BudgetReader {
        BudgetReader(config: setup.config, defaultZone: setup.defaultZone, now: setup.now()) { [store = setup.store] in
            try await store.spent(by: $0, from: $1.start, to: $1.end)
        }
    }

    /// What a run of this agent may cost if it starts now.
    func allowance(of agent: AgentConfig) async throws -> Allowance {
        Allowance(budgets: try await budgets(of: agent), perRun: agent.limits.maxCostPerRun)
    }

    /// The dispatcher shall look again when the day of a spent budget ends.
    func wait(for budget: DailyBudget) {
        guard budgetDayEnd.map({ budget.dayEnd < $0 || $0 <= setup.now() }) ?? true else { return }
        budgetDayEnd = budget.dayEnd
        dueChanges.notify()
    }

    /// - Throws: ``RefusalError`` when a daily budget is spent.
    func refuseWhenSpent(_ agent: AgentConfig) async throws {
        guard case .spent(let budget) = try await allowance(of: agent) else { return }
        throw RefusalError(code: .conflict, reason: budget.refusal)
    }

    /// Counts a model reply of a run and stops the runs whose daily budget it was the last of.
    func count(_ reply: ModelReply, of instance: InstanceID, _ output: RunOutput) async {
        // From here to the store nothing waits: a position saved by others is either before or behind this one.
        output.confirm(reply.position)
        live[instance]?.uncounted.append(reply)
        await attempt("counting a model reply") { try await countReplies(of: instance) }
        guard let agent = live[instance]?.agent else { return }
        await attempt("reading the daily budgets") {
            for budget in try await budgets(of: agents[agent.name] ?? agent) where budget.isSpent {
                stopRuns(of: budget)
            }
        }
    }

    /// Counts what the store has not taken yet of a run's replies; asked again with the next one, and at the run's end.
    func countReplies(of instance: InstanceID) async throws {
        guard let output = live[instance]?.output else { return }
        while let reply = live[instance]?.uncounted.first {
            do {
                try await setup.store.count(reply, of: instance.run)
            } catch {
                output.hold(true)
                throw error
            }
            live[instance]?.uncounted.removeFirst()
        }
        output.hold(false)
    }

    /// Ends the runs and chats that would spend more of a budget of which nothing is left, all at once.
    ///
    /// Nothing is waited for: who calls this reads the output of one of them.
    func stopRuns(of budget: DailyBudget) {
        for chat in liveChats.values where budget.agent == nil || budget.agent == chat.agent.name {
            liveChats[chat.id]?.endReason = chat.endReason ?? budget.refusal
            jobs.yield(.end(chat.id))
        }
        let affected = live.filter { budget.agent == nil || $0.key.agent == budget.agent }
        for (instance, run) in affected.sorted(by: { $0.key < $1.key }) where run.stopCause == nil {
            log(
                .error,
                instance,
                "daily budget spent, stopping the run",
                ["spent": .double(budget.spent), "limit": .double(budget.limit)]
            )
            end(instance, because: .budget(budget.refusal), grace: .seconds(setup.config.stopGrace))
        }
    }
}
