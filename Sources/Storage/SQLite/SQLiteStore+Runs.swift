package import Domain
package import FoundationEssentials
import GRDB

extension SQLiteStore {
    package func fireSlot(at due: Date, as run: NewRun) async throws -> RunRecord? {
        let trigger = StoredTrigger(run.trigger)
        return try await write { database in
            let agent = run.instance.agent.rawValue
            try database.run(
                "INSERT OR IGNORE INTO slots (agent, due_at, ending, run_id) VALUES (?, ?, 'fired', ?)",
                [agent, due.milliseconds, run.instance.run.rawValue]
            )
            guard database.changesCount == 1 else { return nil }
            return try database.insert(direct: run, trigger: trigger)
        }
    }

    package func recordSlot(of agent: AgentName, at due: Date, end: SlotEnd) async throws {
        let (ending, reason): (String, String?) =
            switch end {
            case .skipped(let reason): ("skipped", reason)
            case .missed: ("missed", nil)
            }
        try await write { database in
            try database.run(
                "INSERT OR IGNORE INTO slots (agent, due_at, ending, reason) VALUES (?, ?, ?, ?)",
                [agent.rawValue, due.milliseconds, ending, reason]
            )
        }
    }

    package func startDirect(_ run: NewRun) async throws -> RunRecord {
        let trigger = StoredTrigger(run.trigger)
        return try await write { try $0.insert(direct: run, trigger: trigger) }
    }

    package func lastSlot(of agent: AgentName) async throws -> Date? {
        try await read { database in
            let row = try database.row("SELECT max(due_at) FROM slots WHERE agent = ?", [agent.rawValue])
            return (row?[0] as Int64?).map(Date.init(milliseconds:))
        }
    }

    package func setHandle(_ handle: String, runtime: String, of run: RunID, at time: Date) async throws {
        try await write { database in
            try database.run(
                """
                UPDATE runs SET handle = ?, runtime = ?, launched_at = ?
                WHERE id = ? AND state IN ('starting', 'running')
                """,
                [handle, runtime, time.milliseconds, run.rawValue]
            )
        }
    }

    package func setRunning(_ run: RunID, at time: Date) async throws {
        _ = try await write { try $0.change(run, to: .running, at: time) }
    }

    package func setLogPosition(_ position: String, of run: RunID) async throws {
        try await write { try $0.run("UPDATE runs SET log_position = ? WHERE id = ?", [position, run.rawValue]) }
    }

    package func note(returnValue: String?, wantsRerun: Bool?, of run: RunID) async throws {
        try await write { database in
            try database.run(
                """
                UPDATE runs SET return_value = coalesce(?, return_value), wants_rerun = coalesce(?, wants_rerun)
                WHERE id = ? AND state IN ('starting', 'running')
                """,
                [returnValue, wantsRerun, run.rawValue]
            )
        }
    }

    package func end(_ run: RunID, with outcome: RunOutcome, at time: Date) async throws -> RunRecord? {
        try await write { database in
            let query = "SELECT * FROM runs WHERE id = ?"
            guard let before = try database.row(query, [run.rawValue]) else { return nil }
            try database.end(try RunRecord(row: before), with: outcome, at: time)
            return try database.row(query, [run.rawValue]).map { try RunRecord(row: $0) }
        }
    }

    package func run(_ id: RunID) async throws -> RunRecord? {
        try await read { database in
            try database.row("SELECT * FROM runs WHERE id = ?", [id.rawValue]).map { try RunRecord(row: $0) }
        }
    }

    package func openRuns() async throws -> [RunRecord] {
        try await read { database in
            let rows = try database.rows("SELECT * FROM runs WHERE state IN ('starting', 'running') ORDER BY position")
            return try rows.map { try RunRecord(row: $0) }
        }
    }

    package func runs(of agent: AgentName?, limit: Int) async throws -> [RunRecord] {
        try await read { database in
            let rows =
                if let agent {
                    try database.rows(
                        "SELECT * FROM runs WHERE agent = ? ORDER BY position DESC LIMIT ?",
                        [agent.rawValue, max(0, limit)]
                    )
                } else {
                    try database.rows("SELECT * FROM runs ORDER BY position DESC LIMIT ?", [max(0, limit)])
                }
            return try rows.map { try RunRecord(row: $0) }
        }
    }
}

extension Database {
    /// Inserts a run that comes from no queue item.
    fileprivate func insert(direct run: NewRun, trigger: StoredTrigger) throws -> RunRecord {
        try insert(run, triggerText: trigger.text, callID: trigger.callID, itemID: nil, queuedAt: run.startedAt)
        return RunRecord(starting: run, itemID: nil, queuedAt: run.startedAt)
    }
}
