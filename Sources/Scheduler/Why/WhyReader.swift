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

    /// Answers for an agent's name, an instance id, a receipt id or the id of a work item.
    ///
    /// - Returns: `nil` when nothing of this name is recorded.
    package func answer(to target: String) async throws -> WhyAnswer? {
        // A text that is no agent's name is looked for elsewhere.
        let name = try? AgentName(target)
        if let name, facts.agent(name) != nil { return WhyAnswer(target: target, sentences: try await agent(name)) }
        if let instance = InstanceID(target), let run = try await history.run(instance.run), run.instance == instance {
            return WhyAnswer(target: target, sentences: try await sentences(about: run))
        }
        if let receipt = try await history.receipt(target) {
            return WhyAnswer(target: target, sentences: try await sentences(about: receipt))
        }
        if let item = try await history.item(target) {
            return WhyAnswer(target: target, sentences: try await sentences(about: item))
        }
        guard let name, try await !history.runs(RunQuery(agent: name, limit: 1)).runs.isEmpty else { return nil }
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
            aliveInProject: try await aliveInProject(),
            last: recent.first { $0.state.isFinal },
            slot: slot,
            slotBlockers: blockers,
            waiting: try await history.items(ItemQuery(agent: name, limit: 1000)),
            dropped: try await history.items(ItemQuery(agent: name, state: .dropped, limit: 1)).first,
            deliveries: try await deliveries(meantFor: name),
            spentBudget: try await spentBudget(of: name),
            now: now
        ).sentences
    }

    private func spentBudget(of name: AgentName) async throws -> DailyBudget? {
        guard let agent = facts.agent(name) else { return nil }
        return try await BudgetReader(facts, in: history, at: now).budgets(of: agent).first(where: \.isSpent)
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
        var item: WorkItem?
        var siblings: [RunRecord] = []
        // They are spoken of only where a run was lost before it came up.
        if run.state == .lost, run.runningAt == nil, let id = run.itemID {
            item = try await history.item(id)
            siblings = try await history.runs(ofItem: id)
        }
        return RunStory(
            run: run,
            callers: callers,
            item: item,
            repetition: siblings.filter { $0.startedAt > run.startedAt }.min { $0.startedAt < $1.startedAt },
            blockers: before.filter { $0.instance != run.instance },
            transitions: try await history.transitions(of: run.instance.run),
            calls: try await history.calls(madeBy: run.instance),
            locks: try await history.locks(at: now).filter { $0.holder == run.instance },
            transcript: transcript(run.instance),
            facts: facts,
            now: now
        ).sentences
    }

    private func sentences(about receipt: Receipt) async throws -> [WhySentence] {
        var work: [AgentName: DeliveryStory.Work] = [:]
        for agent in receipt.decisions.keys {
            guard let known = receipt.work(of: agent) else { continue }
            let item = try await history.item(known.itemID)
            let instance = known.instance
            work[agent] = DeliveryStory.Work(item: item, run: try await run(instance))
            if let item, item.state == .waiting { work[agent]?.reasonToWait = try await reasonToWait(item) }
        }
        let replays = try await history.receipts(ReceiptQuery(replayOf: receipt.id)).receipts
        return DeliveryStory(receipt, facts: facts, now: now, work: work, replays: replays.reversed()).sentences
    }

    /// The work of a delivery is explained with its delivery, other work with its run.
    private func sentences(about item: WorkItem) async throws -> [WhySentence] {
        let wording = WhyWording(zone: facts.defaultZone, now: now)
        let what = "It is the work of \(item.agent) for \(wording.purpose(of: item)), which came"
        let first = WhySentence("\(what) \(wording.time(item.receivedAt)).", record: wording.record(of: item))
        if case .webhook(let delivery) = item.trigger, let receipt = try await history.receipt(delivery.deliveryID) {
            return [first] + (try await sentences(about: receipt))
        }
        switch item.state {
        case .waiting: return [first, WhySentence("It waits: \(try await reasonToWait(item)).", record: first.record)]
        case .dropped:
            let reason = item.reason ?? "no reason was recorded"
            return [first, WhySentence("It was dropped: \(reason).", record: first.record)]
        case .claimed:
            guard let run = try await history.runs(ofItem: item.id).first else {
                return [first, WhySentence("It was taken from the queue; its run is not kept any more.")]
            }
            return [first] + (try await sentences(about: run))
        }
    }

    private func reasonToWait(_ item: WorkItem) async throws -> String {
        AgentStory(
            name: item.agent,
            facts: facts,
            alive: try await alive(of: item.agent),
            aliveInProject: try await aliveInProject(),
            slotBlockers: [],
            waiting: [item],
            spentBudget: try await spentBudget(of: item.agent),
            now: now
        ).reasonToWait(item)
    }

    private func run(_ instance: InstanceID?) async throws -> RunRecord? {
        guard let instance else { return nil }
        return try await history.run(instance.run)
    }

    /// The newest deliveries to the sources that an agent listens to.
    private func deliveries(meantFor agent: AgentName) async throws -> [Receipt] {
        guard let config = facts.agent(agent), !config.webhooks.isEmpty else { return [] }
        let types = Set(config.webhooks.compactMap { facts.config.webhooks[$0.source]?.type })
        return try await history.receipts(ReceiptQuery(limit: 50)).receipts.filter { receipt in
            receipt.decisions[agent] != nil || types.contains(receipt.type)
        }
    }

    private func aliveInProject() async throws -> [RunRecord] {
        facts.config.scale == nil ? [] : try await alive(of: nil)
    }

    private func alive(of agent: AgentName?) async throws -> [RunRecord] {
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
