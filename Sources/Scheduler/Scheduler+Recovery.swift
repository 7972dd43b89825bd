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
        let abroad = runsAbroad(open.filter { known?[$0.instance.run] == nil })
        if !setup.abandonsRuns { try refuseToAbandon(abroad) }
        let abandoned = Set(abroad.map(\.instance.run))
        for record in open {
            try Task.checkCancellation()
            let run = record.instance.run
            if abandoned.contains(run) {
                try await abandon(record)
                continue
            }
            let found = known?[run]
            guard let agent = agents[record.instance.agent] else {
                try await endOrphan(record, known: found)
                continue
            }
            // An agent that was disabled meanwhile starts nothing; what it has at work goes on.
            let isUp = found.map(\.wasStarted) ?? (record.handle != nil)
            if known != nil && found == nil || agent.scale == 0 && !isUp {
                try await recordLoss(of: record)
                continue
            }
            // When the runtime cannot say what it runs, starting again under the same run id finds the first start. What was
            // created and never started is started now: it has no end to wait for.
            let handle =
                found?.wasStarted == false
                ? nil : found?.handle ?? record.handle.map(RunHandle.init(rawValue:))
            adopted.insert(run)
            pool.occupy(agent.name)
            setup.logger.info("run adopted", metadata: ["instance": "\(record.instance)"])
            enlist(record, agent: handle == nil ? agent : agent.launched(as: record), handle: handle)
            live[record.instance]?.wasOver = handle != nil && found?.isRunning == false
        }
        await removeStrays((known ?? [:]).values.filter { !adopted.contains($0.runID) })
        for agent in try await setup.store.queueDepths().keys.sorted() where agents[agent] == nil {
            try await dropQueue(ofRemoved: agent)
        }
        setup.sweepStaging(adopted)
        // What no live run holds any more is free from now on, not when its time is over.
        _ = try await setup.store.sweepLocks(at: setup.now(), keeping: [])
    }

    /// What another runtime started is not lost because this one does not know it: it may be at work for as long as its time lasts.
    private func runsAbroad(_ unknown: [RunRecord]) -> [RunRecord] {
        let kind = setup.runtime.kind
        return unknown.filter { record in
            guard let other = record.runtime.flatMap(RuntimeKind.init), !kind.findsRuns(of: other) else { return false }
            return record.lastMoment > setup.now()
        }
    }

    /// Ends what another runtime may still have at work, as somebody ordered who knows better.
    ///
    /// Its item is not repeated: it may be done meanwhile.
    private func abandon(_ record: RunRecord) async throws {
        let reason = "abandoned by al start --abandon-runs"
        _ = try await setup.store.end(
            record.instance.run,
            with: RunOutcome(state: .lost, reason: reason),
            at: setup.now()
        )
        setup.logger.warning(
            "run of another runtime abandoned",
            metadata: ["instance": "\(record.instance)", "runtime": "\(record.runtime ?? "unknown")"]
        )
        board.note(record.instance.agent.rawValue, "\(record.instance) abandoned", at: setup.now())
    }

    /// Keeps the scheduler from starting beside runs that nobody would look after.
    ///
    /// - Throws: ``RuntimeError`` that tells how to go on, unless there are no such runs.
    private func refuseToAbandon(_ abroad: [RunRecord]) throws {
        let kind = setup.runtime.kind
        guard let last = abroad.max(by: { $0.lastMoment < $1.lastMoment }), let runtime = last.runtime else { return }
        let names = abroad.map(\.instance.rawValue).sorted().joined(separator: ", ")
        throw RuntimeError(
            code: .unavailable,
            message: "What \(runtime) started may still be at work, and \(kind.rawValue) cannot look after it: "
                + "\(names). Start with \(runtime) once more, so that it is adopted or found to be over; without it "
                + "al start goes on after \(last.lastMoment.isoText), when its time is over, or at once with "
                + "--abandon-runs, which counts it as lost."
        )
    }

    /// Drops what waits for an agent that is not there any more.
    func dropQueue(ofRemoved agent: AgentName) async throws {
        let count = try await setup.store.dropWaiting(of: agent, reason: "agent removed", at: setup.now())
        guard count > 0 else { return }
        setup.logger.warning(
            "queue of a removed agent dropped",
            metadata: ["agent": "\(agent)", "items": .stringConvertible(count)]
        )
        board.note(agent.rawValue, "queue of a removed agent dropped", at: setup.now())
        // Who made a call that waited here hears of its end.
        noteChange()
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
        var outcome = RunOutcome(state: known == nil ? .lost : .killed, reason: "agent removed")
        if let known, known.wasStarted, !known.isRunning {
            // It was over before its agent went; what it printed last nobody reads any more.
            await attempt("reading the end of a run") {
                outcome =
                    RunVerdict(
                        end: try await setup.runtime.wait(for: known.handle),
                        stopCause: record.stopCause,
                        timeout: record.timeout,
                        report: RunReport(remembered: record.outcome)
                    ).outcome
            }
        }
        if let known { await remove(known.handle, killing: known.isRunning) }
        _ = try await setup.store.end(record.instance.run, with: outcome, at: setup.now())
        setup.logger.warning("run of a removed agent ended", metadata: ["instance": "\(record.instance)"])
    }

    private func recordLoss(of record: RunRecord) async throws {
        let reason = "agent run lost"
        let run = record.instance.run
        if record.state == .starting, record.stopCause == nil, try await mayBeRepeated(record) {
            setup.logger.warning("run lost before it started", metadata: ["instance": "\(record.instance)"])
            try await putBack(run, endingAs: .lost, reason: reason, at: setup.now())
            return
        }
        setup.logger.error("agent run lost", metadata: ["instance": "\(record.instance)"])
        let outcome = RunVerdict(
            end: RunEnd(code: nil, cause: .vanished),
            stopCause: record.stopCause,
            timeout: record.timeout,
            report: RunReport(remembered: record.outcome)
        ).outcome
        _ = try await setup.store.end(run, with: outcome, at: setup.now())
        board.change(record.instance.agent) { status in
            status.state = "error"
            status.lastError = outcome.reason
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
        await discard(handle)
    }
}

extension RuntimeKind {
    /// Whether the runs of another kind are found where those of this one are: processes of this machine have directories in one
    /// place.
    fileprivate func findsRuns(of other: RuntimeKind) -> Bool {
        let local: Set<RuntimeKind> = [.host, .sandbox]
        return self == other || local.isSuperset(of: [self, other])
    }
}

extension RunRecord {
    /// When nothing of the run can be at work any more: it ends itself when its time is over.
    fileprivate var lastMoment: Date {
        (runningAt ?? startedAt).addingTimeInterval(Double(timeout) + Scheduler.watchdogMargin)
    }
}

extension AgentConfig {
    /// The agent as far as a run that goes on keeps what it was launched with: the network that it is shut in by.
    fileprivate func launched(as record: RunRecord) -> AgentConfig {
        var agent = self
        switch record.network {
        case nil: break
        case .null?: agent.network = nil
        case let json?:
            // Only what wrote it reads it; were it something else, what is listed now would be the nearest.
            if let network = try? NetworkPolicy(json: json) { agent.network = network }
        }
        return agent
    }
}
