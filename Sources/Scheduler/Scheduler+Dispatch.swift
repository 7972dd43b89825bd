import Domain
import FoundationEssentials
import Logging
import Storage

extension Scheduler {
    /// Gives waiting items to idle runners until no more fit: each agent first in, first out, and among agents the item that
    /// waits longest.
    func dispatch() async {
        while mayDispatch, !Task.isCancelled {
            do {
                guard try await dispatchOnce() else { return }
            } catch {
                guard !Task.isCancelled else { return }
                setup.logger.error("queue could not be read", metadata: ["error": "\(error)"])
                // The store may recover; without this wait a full disk would make a busy loop.
                guard (try? await setup.clock.sleep(for: .seconds(1))) != nil else { return }
            }
        }
    }

    private var mayDispatch: Bool { isDispatchOpen && takesWork && pool.isGateOpen }

    /// One round; returns whether anything was claimed, so that another round may find more.
    private func dispatchOnce() async throws -> Bool {
        // Where nothing could start, what waits need not be read.
        guard roster.contains(where: { pool.canStart($0.name) && isReady($0.name) }) else { return false }
        var rules: [AgentName: ClaimRule] = [:]
        for name in try await setup.store.queueDepths().keys {
            guard let agent = agents[name] else {
                // It came while the agent was being removed.
                try await dropQueue(ofRemoved: name)
                continue
            }
            guard pool.canStart(name), isReady(name), !isUnsettled(agent) else { continue }
            if case .spent(let budget) = try await allowance(of: agent) {
                wait(for: budget)
            } else {
                rules[name] = claimRule(of: agent)
            }
        }
        let heads = try await setup.store.queueHeads(of: rules, at: setup.now())
        var hasClaimed = false
        // Under the project's limit each claim may be the last one: only the item that waits longest has a right to it.
        for head in pool.limit == nil ? heads[...] : heads.prefix(1) where mayDispatch {
            guard let agent = agents[head.agent], !isUnsettled(agent), try await claimNext(of: agent) != nil
            else { continue }
            hasClaimed = true
        }
        return hasClaimed
    }

    /// What of an agent's queue may start at the moment: while it is disabled or all is paused, only what people order.
    func claimRule(of agent: AgentConfig) -> ClaimRule { isEnabled(agent) && !flags.isPaused ? .any : .manualOnly }

    /// Turns the agent's next item into a run; `nil` when there is no runner, no item or no money.
    func claimNext(of agent: AgentConfig) async throws -> RunRecord? {
        guard mayDispatch, isReady(agent.name), pool.take(agent.name) else { return nil }
        claimsUnderWay[agent.name, default: 0] += 1
        defer { endClaim(of: agent.name) }
        let record: RunRecord?
        do {
            record = try await claim(of: agent, try await allowance(of: agent))
        } catch {
            pool.free(agent.name)
            throw error
        }
        guard let record else {
            pool.free(agent.name)
            return nil
        }
        logDraining(record)
        enlist(record, agent: agent, handle: nil)
        noteChange()
        return record
    }

    private func endClaim(of agent: AgentName) {
        let left = claimsUnderWay[agent, default: 1] - 1
        claimsUnderWay[agent] = left > 0 ? left : nil
        claimChanges.notify()
    }

    private func claim(of agent: AgentConfig, _ allowance: Allowance) async throws -> RunRecord? {
        if case .spent(let budget) = allowance {
            wait(for: budget)
            return nil
        }
        let result = try await setup.store.claimNext(
            of: agent.name,
            as: newRun(of: agent, trigger: .manual(prompt: nil), allowance: allowance.amount),
            rule: claimRule(of: agent)
        )
        report(dropped: result.dropped)
        return result.run
    }

    private func logDraining(_ record: RunRecord) {
        let what: Logger.Message =
            record.trigger.kind == .webhook ? "draining queued webhook" : "draining queued trigger"
        let age = Int((record.startedAt.timeIntervalSince(record.queuedAt) * 1000).rounded())
        setup.logger.info(
            what,
            metadata: ["agent": "\(record.instance.agent)", "ageMs": .stringConvertible(age)]
        )
    }

    /// Wakes the dispatcher when a waiting item becomes due, and when a day ends whose budget is spent.
    func watchDueTimes() async {
        while !Task.isCancelled {
            let changed = dueChanges.subscribe()
            let now = setup.now()
            if let end = budgetDayEnd, end <= now { budgetDayEnd = nil }
            var next = budgetDayEnd
            await attempt("reading due times") {
                let due = try await setup.store.nextDueTime(after: now)
                next = [next, due].compactMap { $0 }.min()
            }
            let pause = next.map { min(Self.longestSleep, $0.timeIntervalSince(now)) }
            await sleep(pause ?? Self.longestSleep, orUntil: changed)
            wakeDispatcher()
        }
    }

    /// Says loudly that accepted work had to make room.
    func report(dropped items: [DroppedItem]) {
        for item in items {
            let facts: Logger.Metadata = [
                "agent": "\(item.agent)", "item": "\(item.id)", "delivery": "\(item.deliveryID ?? "")",
                "reason": "\(item.reason)",
            ]
            if item.reason == "queue full" {
                setup.logger.warning("queue full, oldest event dropped", metadata: facts)
                board.note(item.agent.rawValue, "queue full, oldest event dropped", at: setup.now())
            } else if item.reason.hasPrefix("superseded by ") {
                setup.logger.info("event superseded", metadata: facts)
            } else {
                setup.logger.error("event dropped", metadata: facts)
                board.note(item.agent.rawValue, "event dropped: \(item.reason)", at: setup.now())
            }
        }
        if !items.isEmpty { noteChange() }
    }
}

extension EnqueueResult {
    /// Everything that the new item cost.
    var allDropped: [DroppedItem] { superseded + (dropped.map { [$0] } ?? []) }
}
