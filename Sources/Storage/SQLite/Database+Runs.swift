import Domain
import FoundationEssentials
import GRDB

extension Database {
    /// Inserts a run in state `starting` with its first transition.
    func insert(_ new: NewRun, _ trigger: StoredTrigger, itemID: String?, queuedAt: Date) throws {
        try run(
            """
            INSERT INTO runs (id, agent, secret, trigger, state, item_id, call_id, rerun, config_hash, timeout,
                allowance, queued_at, started_at)
            VALUES (?, ?, ?, ?, 'starting', ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                new.instance.run.rawValue, new.instance.agent.rawValue, new.secret, trigger.text, itemID,
                trigger.callID,
                new.rerun, new.configHash, new.timeout, new.allowance, queuedAt.milliseconds,
                new.startedAt.milliseconds,
            ]
        )
        try recordTransition(of: new.instance.run, from: nil, to: .starting, at: new.startedAt)
    }

    /// Inserts a run that comes from no queue item.
    func insert(direct run: NewRun, trigger: StoredTrigger) throws -> RunRecord {
        try insert(run, trigger, itemID: nil, queuedAt: run.startedAt)
        return RunRecord(starting: run, itemID: nil, queuedAt: run.startedAt)
    }

    /// Changes the state of a run, if the state machine allows it; the only way to do so after its creation.
    @discardableResult
    func change(_ id: RunID, to next: RunState, at time: Date) throws -> Bool {
        guard let row = try row("SELECT state FROM runs WHERE id = ?", [id.rawValue]) else { return false }
        let current = try RunRecord.state(row[0], of: id)
        guard current.canBecome(next) else { return false }
        let column = next.isFinal ? "ended_at" : "running_at"
        try run(
            "UPDATE runs SET state = ?, \(column) = ? WHERE id = ?",
            [next.rawValue, time.milliseconds, id.rawValue]
        )
        try recordTransition(of: id, from: current, to: next, at: time)
        return true
    }

    private func recordTransition(of id: RunID, from old: RunState?, to new: RunState, at time: Date) throws {
        try run(
            "INSERT INTO run_transitions (run_id, old_state, new_state, at) VALUES (?, ?, ?, ?)",
            [id.rawValue, old?.rawValue, new.rawValue, time.milliseconds]
        )
    }

    /// Ends a run and everything that hangs on it; the call it served stays open with `keepingCall`.
    ///
    /// The answer is `false`, and nothing happens, when the run was over before or the outcome is no end.
    @discardableResult
    func end(_ record: RunRecord, with outcome: RunOutcome, at time: Date, keepingCall: Bool = false) throws -> Bool {
        guard outcome.state.isFinal, try change(record.instance.run, to: outcome.state, at: time) else { return false }
        let outcome = outcome.completed(with: record)
        try run(
            """
            UPDATE runs SET exit_code = ?, reason = ?, wants_rerun = ?, return_value = ?, return_value_cut = ?,
                usage = ?, summary = ?, error = ?
            WHERE id = ?
            """,
            [
                outcome.exitCode, outcome.reason, outcome.wantsRerun, outcome.returnValue, outcome.isReturnValueCut,
                outcome.usage?.json.compactText, outcome.summary, outcome.error, record.instance.run.rawValue,
            ]
        )
        try countRest(of: record, outcome, at: time)
        try run("DELETE FROM locks WHERE holder = ?", [record.instance.rawValue])
        try run(
            """
            UPDATE calls SET state = 'error', error_message = 'caller container exited', ended_at = ?
            WHERE caller = ? AND state IN ('pending', 'running')
            """,
            [time.milliseconds, record.instance.rawValue]
        )
        if !keepingCall, case .call(let facts) = record.trigger {
            try settleCall(facts.callID, with: outcome, at: time)
        }
        return true
    }

    /// Counts what the run's own account says it cost beyond the replies that were counted one by one.
    private func countRest(of record: RunRecord, _ outcome: RunOutcome, at time: Date) throws {
        guard let total = outcome.usage?.cost, total - record.cost > 1e-9 else { return }
        try run("UPDATE runs SET cost = ? WHERE id = ?", [total, record.instance.run.rawValue])
        try spend(total - record.cost, by: record.instance.agent.rawValue, at: time)
    }

    private func settleCall(_ id: String, with outcome: RunOutcome, at time: Date) throws {
        if let message = outcome.callErrorMessage {
            try failCall(id, message: message, at: time)
        } else {
            try run(
                """
                UPDATE calls SET state = 'completed', return_value = ?, return_value_cut = ?, ended_at = ?
                WHERE id = ? AND state IN ('pending', 'running')
                """,
                [outcome.returnValue, outcome.isReturnValueCut, time.milliseconds, id]
            )
        }
    }
}

extension RunOutcome {
    /// The outcome with what was noted of the run before its end.
    fileprivate func completed(with record: RunRecord) -> RunOutcome {
        var outcome = self
        if outcome.returnValue == nil, let noted = record.outcome {
            outcome.returnValue = noted.returnValue
            outcome.isReturnValueCut = noted.isReturnValueCut
        }
        return outcome
    }

    /// What the caller of a run that ended this way reads; `nil` after success.
    fileprivate var callErrorMessage: String? {
        switch state {
        case .starting, .running, .succeeded: return nil
        case .timedOut: return "agent run failed (timed out)"
        case .killed: return "agent run failed (killed)"
        case .lost: return "agent run lost"
        case .failed:
            if let exitCode { return "agent run failed (exit \(exitCode): \(RunExitCode.meaning(of: exitCode)))" }
            return reason.map { "agent run failed (\($0))" } ?? "agent run failed"
        }
    }
}
