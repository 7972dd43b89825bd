package import Domain
package import FoundationEssentials
package import Storage

/// Gathers the recorded facts about an agent, a run or a delivery and puts them into sentences; asks no model.
package struct WhyReader: Sendable {
    private let history: any History
    private let facts: ProjectFacts
    private let transcript: @Sendable (InstanceID) -> [JSONValue]
    private let now: Date

    /// Reads from a history.
    ///
    /// - Parameters:
    ///   - history: the records.
    ///   - facts: the project at this moment.
    ///   - transcript: the last lines of a run's transcript, oldest first; empty when there are none.
    ///   - now: the moment.
    package init(
        history: any History,
        facts: ProjectFacts,
        transcript: @escaping @Sendable (InstanceID) -> [JSONValue],
        now: Date
    ) {
        self.history = history
        self.facts = facts
        self.transcript = transcript
        self.now = now
    }

    /// Answers for an agent's name, an instance id or a receipt id.
    ///
    /// - Returns: `nil` when nothing of this name is recorded.
    package func answer(to target: String) async throws -> WhyAnswer? {
        // A text that is no agent's name is looked for elsewhere.
        let name = try? AgentName(target)
        if let name, facts.agent(name) != nil { return WhyAnswer(target: target, sentences: try await agent(name)) }
        if let instance = InstanceID(target), let run = try await history.run(instance.run), run.instance == instance {
            return WhyAnswer(target: target, sentences: try await sentences(about: run))
        }
        if let delivery = try await history.delivery(target) {
            return WhyAnswer(target: target, sentences: try await sentences(about: delivery))
        }
        guard let name, try await history.runs(RunQuery(agent: name, limit: 1)).total > 0 else { return nil }
        return WhyAnswer(target: target, sentences: try await agent(name))
    }

    private func agent(_ name: AgentName) async throws -> [WhySentence] {
        let slot = try await history.slots(SlotQuery(agent: name, limit: 1)).slots.first
        var blockers: [RunRecord] = []
        if let slot, slot.reason == SlotSkipReason.busy.rawValue {
            blockers = try await runs(of: name, aliveAt: slot.dueAt)
        }
        let recent = try await history.runs(RunQuery(agent: name, limit: 100)).runs
        return AgentStory(
            name: name,
            facts: facts,
            alive: try await alive(of: name),
            last: recent.first { $0.state.isFinal },
            slot: slot,
            slotBlockers: blockers,
            waiting: try await history.items(ItemQuery(agent: name, limit: 1000)),
            dropped: try await history.items(ItemQuery(agent: name, state: .dropped, limit: 1)).first,
            delivery: try await history.deliveries(for: name, limit: 1).first,
            now: now
        ).sentences
    }

    private func sentences(about run: RunRecord) async throws -> [WhySentence] {
        var callers: [RunRecord] = []
        var trigger = run.trigger
        // Depth is limited by the scheduler; the bound only keeps damaged records from going round for ever.
        while callers.count < 32, case .call(let call) = trigger, let caller = try await history.run(call.caller.run) {
            callers.append(caller)
            trigger = caller.trigger
        }
        let waited = run.startedAt.timeIntervalSince(run.queuedAt) >= 1
        let before = waited ? try await runs(of: run.instance.agent, aliveAt: run.queuedAt) : []
        return RunStory(
            run: run,
            callers: callers,
            blockers: before.filter { $0.instance != run.instance },
            transitions: try await history.transitions(of: run.instance.run),
            calls: try await history.calls(madeBy: run.instance),
            locks: try await history.locks(at: now).filter { $0.holder == run.instance },
            transcript: transcript(run.instance),
            facts: facts,
            now: now
        ).sentences
    }

    private func sentences(about delivery: PastDelivery) async throws -> [WhySentence] {
        var alive: [RunRecord] = []
        for verdict in delivery.verdicts where verdict.item?.state == .waiting {
            alive += try await self.alive(of: verdict.agent)
        }
        return DeliveryStory(delivery, facts: facts, now: now, alive: alive).sentences
    }

    private func alive(of agent: AgentName) async throws -> [RunRecord] {
        var runs: [RunRecord] = []
        for state in [RunState.running, .starting] {
            runs += try await history.runs(RunQuery(agent: agent, state: state, limit: 1000)).runs
        }
        return runs.sorted { $0.startedAt > $1.startedAt }
    }

    /// The runs of an agent that occupied its runners at a moment.
    private func runs(of agent: AgentName, aliveAt time: Date) async throws -> [RunRecord] {
        try await history.runs(RunQuery(agent: agent, limit: 200)).runs.filter { run in
            run.startedAt <= time && (run.endedAt ?? .distantFuture) > time
        }
    }
}
