import Domain
import FoundationEssentials
import Logging
import OrderedCollections
import Runtimes
import Storage

extension Scheduler {
    /// Makes a stored run known at once, so that it can be killed and shown, and gives it a task.
    func enlist(_ record: RunRecord, agent: AgentConfig, handle: RunHandle?) {
        begin(record, agent: agent, handle: handle)
        jobs.yield(.chain(record, agent, handle))
    }

    /// Carries a run and its reruns on one runner, then frees the runner.
    func runChain(_ first: RunRecord, agent: AgentConfig, handle: RunHandle?) async {
        var next: RunRecord? = first
        var known = handle
        var agent = agent
        while let record = next {
            guard let outcome = await carry(record, agent: agent, handle: known) else {
                // Without an outcome the run belongs to the next scheduler; a stop does not wait for it.
                guard !Task.isCancelled, !isHandedOver else { return }
                break
            }
            agent = agents[agent.name] ?? agent
            next = await rerun(after: record, outcome, agent: agent)
            known = nil
        }
        pool.free(agent.name)
        noteChange()
        wakeDispatcher()
        finishIfDrained()
    }

    /// One run from launch to clean-up; `nil` when it is left to the next scheduler.
    private func carry(_ record: RunRecord, agent: AgentConfig, handle: RunHandle?) async -> RunOutcome? {
        if live[record.instance] == nil { begin(record, agent: agent, handle: handle) }
        let outcome: RunOutcome
        var isPutBack = false
        do {
            if record.trigger.callDepth > setup.config.maxCallDepth {
                outcome = RunOutcome(state: .failed, reason: "trigger depth limit reached")
            } else {
                let handle = try await started(record, agent: agent, handle: handle)
                let end = try await attend(handle, of: record)
                live[record.instance]?.endedAt = end.time
                outcome = verdict(on: end, record)
            }
        } catch {
            guard !Task.isCancelled, !isHandedOver else { return nil }
            if error is LeftToNextScheduler {
                secrets[record.secret] = nil
                live[record.instance] = nil
                return nil
            }
            isPutBack = error is ImageMissing && (record.trigger.kind == .webhook || record.trigger.kind == .call)
            outcome = outcomeOfFailedLaunch(record, error)
        }
        guard !Task.isCancelled, !isHandedOver else { return nil }
        await finish(record, with: outcome, isPutBack: isPutBack)
        return outcome
    }

    private func begin(_ record: RunRecord, agent: AgentConfig, handle: RunHandle?) {
        let output = RunOutput(
            record: record,
            hiding: redactors.redactor(of: agent),
            sink: setup.logSink,
            now: setup.now
        )
        if isHandedOver { output.suspend() }
        live[record.instance] = LiveRun(
            record: record,
            agent: agent,
            output: output,
            handle: handle,
            upSince: uptime(),
            before: record.runningAt.map { max(0, setup.now().timeIntervalSince($0)) } ?? 0,
            stopCause: record.stopCause,
            stopGrace: grace(afterOrder: record.stopCause),
            modelKeysFetched: record.hasFetchedModelKeys
        )
        secrets[record.secret] = record.instance
        board.forgetEnded(at: setup.now())
        let label = label(of: record)
        board.begin(record, label: label, at: setup.now())
        events.send(.runStart(instance: record.instance, trigger: record.trigger.eventLabel))
        log(.info, record.instance, "Starting \(agent.name) container run (triggered by \(record.logLabel(label)))")
        noteChange()
        // It was stored while its agent went or the scheduler was ordered to end everything.
        if agents[agent.name] == nil { end(record.instance, because: .killed("agent removed"), grace: .zero) }
        if endsRuns { endForStop(record.instance) }
    }

    private func label(of record: RunRecord) -> String {
        guard record.rerun > 0 else { return record.trigger.reasonLabel }
        return "\(record.trigger.reasonLabel) (rerun \(record.rerun)/\(setup.config.maxReruns))"
    }

    private func verdict(on end: RunEnd, _ record: RunRecord) -> RunOutcome {
        let run = live[record.instance]
        return RunVerdict(
            end: end,
            stopCause: run?.stopCause,
            timeout: run?.record.timeout ?? record.timeout,
            report: run?.output.report ?? RunReport()
        ).outcome
    }

    private func outcomeOfFailedLaunch(_ record: RunRecord, _ error: any Error) -> RunOutcome {
        if live[record.instance]?.stopCause != nil { return verdict(on: RunEnd(code: nil, cause: .vanished), record) }
        return RunOutcome(state: .failed, reason: String("\(error)".prefix(200)))
    }

    /// Records the end and cleans up; each step is tried whatever became of the one before.
    private func finish(_ record: RunRecord, with outcome: RunOutcome, isPutBack: Bool) async {
        let run = record.instance.run
        let now = setup.now()
        let time = live[record.instance]?.end(at: now) ?? now
        let isRecorded = await recordEnd(of: record.instance, with: outcome, at: time, isPutBack: isPutBack)
        // Without its container a run that could not be recorded would be lost to the next scheduler.
        let handle = isRecorded ? live[record.instance]?.handle : nil
        secrets[record.secret] = nil
        live[record.instance] = nil
        setup.unstageCredentials(run)
        if let handle { await discard(handle) }
        logEnd(record, outcome, at: time)
        board.end(record, with: outcome, at: time)
        events.send(
            .runEnd(
                instance: record.instance,
                result: outcome.wireResult,
                exitCode: outcome.exitCode,
                error: outcome.state == .succeeded ? nil : outcome.reason
            )
        )
        noteChange()
    }

    /// Repeats to store the end of a run until that is done: items with its key, its call, its locks wait for it, and so does its
    /// runner.
    ///
    /// - Returns: `false` when the end is left to the next scheduler, which finds the container.
    private func recordEnd(
        of instance: InstanceID,
        with outcome: RunOutcome,
        at time: Date,
        isPutBack: Bool
    ) async -> Bool {
        var delays = [1, 5, 25][...]
        while true {
            do {
                try await countReplies(of: instance)
                if isPutBack {
                    try await putBack(instance.run, endingAs: outcome.state, reason: outcome.reason ?? "", at: time)
                } else {
                    _ = try await setup.store.end(instance.run, with: outcome, at: time)
                }
                return true
            } catch {
                // What is corrupt stays so, and who was told to stop does not wait for a disk.
                let isHopeless = (error as? StorageError)?.code == .corrupt || (isStopping && delays.isEmpty)
                guard !Task.isCancelled, !isHopeless else { return false }
                let delay = delays.popFirst() ?? 30
                setup.logger.error(
                    "the end of a run could not be stored",
                    metadata: [
                        "run": "\(instance.run)", "error": "\(error)", "retryInSeconds": .stringConvertible(delay),
                    ]
                )
                guard (try? await setup.clock.sleep(for: .seconds(delay))) != nil else { return false }
            }
        }
    }

    /// Ends a run that never got going; its item waits again, unless a newer one has taken its place.
    func putBack(_ run: RunID, endingAs state: RunState, reason: String, at time: Date) async throws {
        let dropped = try await setup.store.requeue(run, endingAs: state, reason: reason, at: time)
        report(dropped: dropped.map { [$0] } ?? [])
    }

    private func logEnd(_ record: RunRecord, _ outcome: RunOutcome, at time: Date) {
        var fields: OrderedDictionary<String, JSONValue> = [:]
        if let code = outcome.exitCode { fields["exitCode"] = .int(code) }
        fields["elapsed"] = .string(StatusBoard.seconds(milliseconds: record.milliseconds(until: time)))
        if let reason = outcome.reason { fields["reason"] = .string(reason) }
        switch outcome.wireResult {
        case "completed": log(.info, record.instance, "container finished", fields)
        case "rerun": log(.info, record.instance, "container finished (rerun requested)", fields)
        default: log(.error, record.instance, "container exited with error", fields)
        }
    }

    /// The next run of the chain, already stored; `nil` when the chain is over.
    private func rerun(after record: RunRecord, _ outcome: RunOutcome, agent: AgentConfig) async -> RunRecord? {
        let rule = RerunRule(
            trigger: record.trigger,
            outcome: outcome,
            rerun: record.rerun,
            limit: setup.config.maxReruns,
            isAllowed: agents[agent.name] != nil && isEnabled(agent) && !flags.isPaused && takesWork
        )
        switch rule.decision {
        case .none:
            return nil
        case .limitReached:
            log(.warning, record.instance, "\(agent.name) hit max reruns limit", ["maxReruns": .int(rule.limit)])
            return nil
        case .again(let trigger):
            log(
                .info,
                record.instance,
                "\(agent.name) requested rerun",
                ["rerun": .int(record.rerun + 1), "maxReruns": .int(rule.limit)]
            )
            return await startRerun(record.rerun + 1, of: agent, trigger: trigger)
        }
    }

    private func startRerun(_ number: Int, of agent: AgentConfig, trigger: Trigger) async -> RunRecord? {
        do {
            let allowance = try await allowance(of: agent)
            if case .spent(let budget) = allowance {
                let facts: Logger.Metadata = ["agent": "\(agent.name)", "reason": "\(budget.refusal)"]
                setup.logger.info("no rerun", metadata: facts)
                return nil
            }
            guard takesWork else { return nil }
            let record = try await setup.store.startDirect(
                newRun(of: agent, trigger: trigger, rerun: number, allowance: allowance.amount)
            )
            guard isHandedOver else { return record }
            let outcome = RunOutcome(state: .killed, reason: Self.stopReason)
            _ = try await setup.store.end(record.instance.run, with: outcome, at: setup.now())
            return nil
        } catch {
            setup.logger.error("rerun failed", metadata: ["agent": "\(agent.name)", "error": "\(error)"])
            return nil
        }
    }

    /// A line of the host in the agent's log file.
    func log(
        _ level: LogLevel,
        _ instance: InstanceID,
        _ message: String,
        _ fields: OrderedDictionary<String, JSONValue> = [:]
    ) {
        setup.logSink.write(
            LogEntry(
                level: level,
                time: setup.now(),
                name: (liveChats[instance]?.agent.name ?? instance.agent).rawValue,
                instance: instance,
                fields: fields,
                message: message
            )
        )
    }
}

extension Trigger {
    /// `type` or `type:source`, as lifecycle events name it.
    fileprivate var eventLabel: String {
        switch self {
        case .schedule, .manual: kind.rawValue
        case .webhook(let facts): "webhook:\(facts.source)"
        case .call(let facts): "call:\(facts.caller.agent)"
        }
    }
}

extension RunRecord {
    /// The label inside "triggered by …" of log lines, where a call reads `agent (<caller>)`.
    fileprivate func logLabel(_ label: String) -> String {
        if case .call(let facts) = trigger { "agent (\(facts.caller.agent))" } else { label }
    }
}
