import Domain
import FoundationEssentials
import Logging
import Runtimes
import Storage

extension Scheduler {
    /// How often an item may be claimed by schedulers that die before they launch its run.
    ///
    /// What kills ten in a row is likely the item itself.
    static let claimLimit = 10

    /// Takes over what the last scheduler of this project left: adopts live runs, records dead ones, removes strays.
    func recover() async throws {
        let known = await listKnownRuns()
        var adopted = Set<RunID>()
        let open = try await setup.store.openRuns()
        for record in open {
            try Task.checkCancellation()
            let run = record.instance.run
            guard let agent = agents[record.instance.agent], agent.scale > 0 else {
                try await endOrphan(record, known: known?[run])
                continue
            }
            if let known, known[run] == nil {
                try await recordLoss(of: record)
                continue
            }
            // When the runtime cannot say what it runs, starting again under the same run id finds the first start. What was
            // created and never started is started now: it has no end to wait for.
            let found = known?[run]
            let handle =
                found?.wasStarted == false
                ? nil : found?.handle ?? record.handle.map(RunHandle.init(rawValue:))
            adopted.insert(run)
            pool.occupy(agent.name)
            setup.logger.info("run adopted", metadata: ["instance": "\(record.instance)"])
            enlist(record, agent: agent, handle: handle)
            live[record.instance]?.wasOver = handle != nil && found?.isRunning == false
        }
        await removeStrays((known ?? [:]).values.filter { !adopted.contains($0.runID) })
        for agent in try await setup.store.queueDepths().keys.sorted() where agents[agent] == nil {
            let count = try await setup.store.dropWaiting(of: agent, reason: "agent removed", at: setup.now())
            setup.logger.warning(
                "queue of a removed agent dropped",
                metadata: ["agent": "\(agent)", "items": .stringConvertible(count)]
            )
        }
        setup.sweepStaging(adopted)
        // What no live run holds any more is free from now on, not when its time is over.
        _ = try await setup.store.sweepLocks(at: setup.now(), keeping: [])
    }

    /// `nil`: the runtime could not say.
    private func listKnownRuns() async -> [RunID: KnownRun]? {
        do {
            let runs = try await setup.runtime.list(project: setup.project.id)
            return Dictionary(runs.map { ($0.runID, $0) }, uniquingKeysWith: { first, _ in first })
        } catch {
            setup.logger.debug("listing runs failed", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func endOrphan(_ record: RunRecord, known: KnownRun?) async throws {
        if let known { await remove(known.handle, killing: known.isRunning) }
        _ = try await setup.store.end(
            record.instance.run,
            with: RunOutcome(state: known == nil ? .lost : .killed, reason: "agent removed"),
            at: setup.now()
        )
        setup.logger.warning("run of a removed agent ended", metadata: ["instance": "\(record.instance)"])
    }

    private func recordLoss(of record: RunRecord) async throws {
        let reason = "agent run lost"
        let run = record.instance.run
        if record.state == .starting, try await mayBeRepeated(record) {
            setup.logger.warning(
                "run lost before it started, queued again",
                metadata: ["instance": "\(record.instance)"]
            )
            try await setup.store.requeue(run, endingAs: .lost, reason: reason, at: setup.now())
            return
        }
        setup.logger.error("agent run lost", metadata: ["instance": "\(record.instance)"])
        var outcome = RunOutcome(state: .lost, reason: reason)
        outcome.returnValue = record.outcome?.returnValue
        _ = try await setup.store.end(run, with: outcome, at: setup.now())
        board.change(record.instance.agent) { status in
            status.state = "error"
            status.lastError = reason
        }
    }

    /// An item whose run came as far as the runtime goes back to its queue once only.
    ///
    /// What dies at each start would do so for ever. A run that never came so far says nothing about its item but that
    /// schedulers died.
    private func mayBeRepeated(_ record: RunRecord) async throws -> Bool {
        guard let item = record.itemID else { return false }
        guard record.trigger.kind == .webhook || record.trigger.kind == .call else { return false }
        let attempts = try await setup.store.attempts(ofItem: item)
        return record.handle == nil ? attempts.claimed < Self.claimLimit : attempts.launched == 1
    }

    private func removeStrays(_ strays: [KnownRun]) async {
        for stray in strays.sorted(by: { $0.runID < $1.runID }) {
            setup.logger.warning(
                "leftover of an earlier run removed",
                metadata: ["agent": "\(stray.agent)", "run": "\(stray.runID)"]
            )
            await remove(stray.handle, killing: stray.isRunning)
        }
    }

    private func remove(_ handle: RunHandle, killing: Bool) async {
        if killing { await attempt("killing a leftover") { try await setup.runtime.kill(handle, grace: .zero) } }
        await attempt("removing a leftover") { try await setup.runtime.remove(handle) }
    }
}
