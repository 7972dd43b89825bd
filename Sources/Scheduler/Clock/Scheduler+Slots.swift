import Domain
import FoundationEssentials
import Logging
import Storage

extension Scheduler {
    /// Writes down what was due while no scheduler ran; returns the agents that got a run which makes up for it.
    func settleMissedSlots(since decided: [AgentName: Date], upTo now: Date) async -> Set<AgentName> {
        let missed = roster.compactMap { agent -> (agent: AgentConfig, slots: PassedSlots)? in
            guard let last = decided[agent.name] else { return nil }
            let horizon = now.addingTimeInterval(-jitter(of: agent))
            // Nothing that is due while no scheduler runs is on time.
            let slots = PassedSlots(after: last, upTo: horizon, lateBefore: .distantFuture) {
                nextDue(of: agent, after: $0)
            }
            return slots.count > 0 ? (agent, slots) : nil
        }
        for (agent, slots) in missed {
            setup.logger.info(
                "slots missed while no scheduler ran",
                metadata: ["agent": "\(agent.name)", "slots": .stringConvertible(slots.count)]
            )
        }
        var caughtUp = Set<AgentName>()
        var rest = missed[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(Self.agentBatch))
            rest = rest.dropFirst(Self.agentBatch)
            await attempt("recording missed slots") { caughtUp.formUnion(try await decide(part)) }
        }
        return caughtUp
    }

    /// Decides about slots whose time has come, and waits for the next one of each agent.
    func slotsAreDue(_ entries: [SlotClock.Entry]) async {
        let now = setup.now()
        var passed: [(agent: AgentConfig, slots: PassedSlots)] = []
        for entry in entries {
            guard let agent = agents[entry.agent], agent.schedule != nil else { continue }
            passed.append((agent, passedSlots(of: agent, entry, at: now)))
        }
        do {
            _ = try await decide(passed)
            for (agent, slots) in passed where slots.lateCount > 0 {
                setup.logger.warning(
                    "slots missed: the clock woke too late",
                    metadata: ["agent": "\(agent.name)", "slots": .stringConvertible(slots.lateCount)]
                )
            }
        } catch {
            guard !Task.isCancelled else { return }
            setup.logger.error("recording slots failed", metadata: ["error": "\(error)"])
            // Without its record a slot is not over: it is tried again, and missed when that takes too long.
            for entry in entries where slotClock.nextFire(of: entry.agent) == nil && agents[entry.agent] != nil {
                slotClock.set(entry.agent, due: entry.due, fireAt: entry.fireAt)
            }
            await sleep(1, orUntil: clockChanges.subscribe())
            return
        }
        for entry in entries where slotClock.nextFire(of: entry.agent) == nil {
            guard let agent = agents[entry.agent], agent.scale > 0 else { continue }
            setNextSlot(of: agent, dueAfter: now.addingTimeInterval(-jitter(of: agent)))
        }
    }

    private func passedSlots(of agent: AgentConfig, _ entry: SlotClock.Entry, at now: Date) -> PassedSlots {
        let horizon = now.addingTimeInterval(-jitter(of: agent))
        let lateBefore = horizon.addingTimeInterval(-Self.slotTolerance)
        // A slot that waited longer than its jitter says was to fire only now.
        let isLate = now.timeIntervalSince(entry.fireAt) > Self.slotTolerance
        return PassedSlots(
            after: entry.due.addingTimeInterval(-1),
            upTo: horizon,
            lateBefore: isLate ? lateBefore : min(lateBefore, entry.due)
        ) { nextDue(of: agent, after: $0) }
    }

    /// Decides how the slots of several agents end, in one transaction; returns the agents with a run that makes up for
    /// missed ones.
    private func decide(_ passed: [(agent: AgentConfig, slots: PassedSlots)]) async throws -> Set<AgentName> {
        var allowances: [AgentName: Allowance] = [:]
        for (agent, _) in passed { allowances[agent.name] = try await allowance(of: agent) }
        var decisions: [SlotDecision] = []
        var caughtUp = Set<AgentName>()
        for (agent, slots) in passed {
            let allowance = allowances[agent.name] ?? .unlimited
            if agent.missedRuns == .one, slots.lateCount > 0, let newest = slots.newest {
                decisions += slots.missed(of: agent.name, sparing: newest)
                let last = decision(newest, agent, allowance, catchUp: slots.count)
                if last.startedRun != nil { caughtUp.insert(agent.name) }
                decisions.append(last)
            } else {
                decisions += slots.missed(of: agent.name)
                decisions += slots.onTime.map { decision($0, agent, allowance, catchUp: nil) }
            }
        }
        let configs = Dictionary(passed.map { ($0.agent.name, $0.agent) }, uniquingKeysWith: { first, _ in first })
        try await record(decisions, of: configs)
        return caughtUp
    }

    private func decision(_ due: Date, _ agent: AgentConfig, _ allowance: Allowance, catchUp: Int?) -> SlotDecision {
        if let reason = reasonToSkip(agent, allowance) {
            return SlotDecision(agent: agent.name, due: due, end: .skipped(reason))
        }
        pool.occupy(agent.name)
        let run = newRun(of: agent, trigger: .schedule(slot: due), allowance: allowance.amount)
        return SlotDecision(agent: agent.name, due: due, end: .fired(run, catchUp: catchUp))
    }

    /// Stores decisions; runners of slots that did not fire after all are free again.
    private func record(_ decisions: [SlotDecision], of configs: [AgentName: AgentConfig]) async throws {
        let taken = decisions.compactMap(\.startedRun)
        let recorded: [DecidedSlot]
        do {
            recorded = try await setup.store.decide(decisions)
        } catch {
            for run in taken { pool.free(run.instance.agent) }
            throw error
        }
        // Only now: what could not be stored is decided once more, and what has a record keeps it.
        for decision in recorded.map(\.slot) {
            if case .skipped(let reason) = decision.end, let agent = configs[decision.agent] { logSkip(agent, reason) }
        }
        let runs = recorded.compactMap(\.run).map { ($0.instance, $0) }
        let started = Dictionary(runs, uniquingKeysWith: { first, _ in first })
        for run in taken {
            let name = run.instance.agent
            if let record = started[run.instance], let agent = configs[name] {
                enlist(record, agent: agent, handle: nil)
            } else {
                pool.free(name)
            }
        }
    }

    private func reasonToSkip(_ agent: AgentConfig, _ allowance: Allowance) -> SlotSkipReason? {
        if isStopping || isHandedOver { return .draining }
        if !isEnabled(agent) { return .disabled }
        if flags.isPaused { return .paused }
        if case .spent = allowance { return .budget }
        if !isReady(agent.name) { return .noImage }
        return pool.canStart(agent.name) ? nil : .busy
    }

    private func logSkip(_ agent: AgentConfig, _ reason: SlotSkipReason) {
        guard reason == .busy else {
            let facts: Logger.Metadata = ["agent": "\(agent.name)", "reason": "\(reason.rawValue)"]
            setup.logger.info("scheduled run skipped", metadata: facts)
            return
        }
        setup.logger.warning(
            "all agent runners busy, skipping scheduled run",
            metadata: [
                "agent": "\(agent.name)", "running": .stringConvertible(pool.running(agent.name)),
                "scale": .stringConvertible(pool.scales[agent.name] ?? agent.scale),
            ]
        )
    }
}

extension SlotDecision {
    /// The run that the slot starts, if it fires.
    fileprivate var startedRun: NewRun? { if case .fired(let run, _) = end { run } else { nil } }
}
