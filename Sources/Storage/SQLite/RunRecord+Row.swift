import Domain
import FoundationEssentials
import GRDB

extension RunRecord {
    /// A run that was just created.
    init(starting run: NewRun, itemID: String?, queuedAt: Date) {
        self.init(
            instance: run.instance,
            secret: run.secret,
            trigger: run.trigger,
            state: .starting,
            itemID: itemID,
            rerun: run.rerun,
            configHash: run.configHash,
            timeout: run.timeout,
            allowance: run.allowance,
            queuedAt: queuedAt,
            startedAt: run.startedAt
        )
    }

    /// Reads a row of `runs`.
    init(row: Row) throws {
        let digits: String = row["id"]
        guard let id = RunID(digits) else {
            throw StorageError(code: .corrupt, message: "a run has the unreadable id \(digits)")
        }
        let agent = try StoredTrigger.agent(row["agent"], of: "run \(id)")
        let state = try Self.state(row["state"], of: id)
        self.init(
            instance: InstanceID(agent: agent, run: id),
            secret: row["secret"],
            trigger: try StoredTrigger.trigger(from: row["trigger"], of: "run \(id)"),
            state: state,
            itemID: row["item_id"],
            rerun: row["rerun"],
            configHash: row["config_hash"],
            timeout: row["timeout"],
            allowance: row["allowance"],
            runtime: row["runtime"],
            isolation: row["isolation"],
            network: try (row["network"] as String?).map { try JSONValue(parsing: $0) },
            handle: row["handle"],
            logPosition: row["log_position"],
            models: Self.models(row["models"]),
            cost: row["cost"],
            hasFetchedModelKeys: row["model_keys_fetched"],
            stopCause: StopCause(kind: row["stop_kind"], reason: row["stop_reason"]),
            queuedAt: Date(milliseconds: row["queued_at"]),
            startedAt: Date(milliseconds: row["started_at"]),
            runningAt: (row["running_at"] as Int64?).map(Date.init(milliseconds:)),
            endedAt: (row["ended_at"] as Int64?).map(Date.init(milliseconds:)),
            outcome: try Self.outcome(row: row, state: state)
        )
    }

    /// Reads the models of a run, a line for each.
    static func models(_ text: String?) -> [String] { (text ?? "").split(separator: "\n").map(String.init) }

    /// Reads the name of a state.
    static func state(_ text: String, of id: RunID) throws -> RunState {
        guard let state = RunState(rawValue: text) else {
            throw StorageError(code: .corrupt, message: "run \(id) has the unknown state \(text)")
        }
        return state
    }

    private static func outcome(row: Row, state: RunState) throws -> RunOutcome? {
        let returnValue: String? = row["return_value"]
        let wantsRerun: Bool = row["wants_rerun"]
        guard state.isFinal || returnValue != nil || wantsRerun else { return nil }
        let usage: String? = row["usage"]
        return RunOutcome(
            state: state,
            exitCode: row["exit_code"],
            reason: row["reason"],
            wantsRerun: wantsRerun,
            returnValue: returnValue,
            isReturnValueCut: row["return_value_cut"],
            usage: try usage.map { TokenUsage(json: try JSONValue(parsing: $0)) },
            summary: row["summary"],
            error: row["error"]
        )
    }
}
