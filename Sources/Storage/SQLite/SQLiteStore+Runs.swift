package import Domain
package import FoundationEssentials
import GRDB

extension SQLiteStore {
    package func startDirect(_ run: NewRun) async throws -> RunRecord {
        let trigger = StoredTrigger(run.trigger)
        return try await write { try $0.insert(direct: run, trigger: trigger) }
    }

    package func setHandle(
        _ handle: String,
        runtime: String,
        isolation: String?,
        network: JSONValue,
        of run: RunID,
        at time: Date
    ) async throws {
        try await write { database in
            try database.run(
                """
                UPDATE runs SET handle = ?, runtime = ?, isolation = ?, network = ?, launched_at = ?
                WHERE id = ? AND state IN ('starting', 'running')
                """,
                [handle, runtime, isolation, network.compactText, time.milliseconds, run.rawValue]
            )
        }
    }

    package func setRunning(_ run: RunID, at time: Date) async throws {
        _ = try await write { try $0.change(run, to: .running, at: time) }
    }

    package func setLogPosition(_ position: String, of run: RunID) async throws {
        try await write { try $0.run("UPDATE runs SET log_position = ? WHERE id = ?", [position, run.rawValue]) }
    }

    package func setConfiguration(_ hash: String, timeout: Int, of run: RunID) async throws {
        try await write { database in
            try database.run(
                "UPDATE runs SET config_hash = ?, timeout = ? WHERE id = ? AND state = 'starting'",
                [hash, timeout, run.rawValue]
            )
        }
    }

    package func noteModelKeys(fetchedBy run: RunID) async throws {
        try await write { try $0.run("UPDATE runs SET model_keys_fetched = 1 WHERE id = ?", [run.rawValue]) }
    }

    package func noteStop(_ cause: StopCause, of run: RunID) async throws {
        try await write { database in
            try database.run(
                """
                UPDATE runs SET stop_kind = ?, stop_reason = ?
                WHERE id = ? AND stop_kind IS NULL AND state IN ('starting', 'running')
                """,
                [cause.kind, cause.reason, run.rawValue]
            )
        }
    }

    package func note(returnValue: ReturnValue, of run: RunID) async throws {
        try await write { database in
            try database.run(
                """
                UPDATE runs SET return_value = ?, return_value_cut = ?
                WHERE id = ? AND state IN ('starting', 'running')
                """,
                [returnValue.text, returnValue.isCut, run.rawValue]
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
