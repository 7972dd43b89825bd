package import Domain
package import FoundationEssentials
import GRDB

extension SQLiteHistory {
    package func call(_ id: String) async throws -> CallRecord? {
        try await read { database in
            try database.row("SELECT * FROM calls WHERE id = ?", [id]).map { try CallRecord(row: $0) }
        }
    }

    package func calls(madeBy caller: InstanceID) async throws -> [CallRecord] {
        try await read { database in
            let rows = try database.rows(
                "SELECT * FROM calls WHERE caller = ? ORDER BY created_at, id",
                [caller.rawValue]
            )
            return try rows.map { try CallRecord(row: $0) }
        }
    }

    package func calls(to target: AgentName, limit: Int) async throws -> [CallRecord] {
        try await read { database in
            let rows = try database.rows(
                "SELECT * FROM calls WHERE target = ? ORDER BY created_at DESC, id LIMIT ?",
                [target.rawValue, max(0, limit)]
            )
            return try rows.map { try CallRecord(row: $0) }
        }
    }

    package func callEdges(of agent: AgentName?, since: Date) async throws -> [CallEdge] {
        try await read { database in
            // The caller's agent is its instance id without the run id and the hyphen before it.
            let rows = try database.rows(
                """
                SELECT substr(caller, 1, length(caller) - 9) AS source, target, count(*) AS number,
                    sum(state = 'error') AS failures
                FROM calls WHERE created_at >= :since
                    AND (:agent IS NULL OR target = :agent OR substr(caller, 1, length(caller) - 9) = :agent)
                GROUP BY source, target ORDER BY source, target
                """,
                ["since": since.milliseconds, "agent": agent?.rawValue]
            )
            return try rows.map { row in
                CallEdge(
                    caller: try StoredTrigger.agent(row["source"], of: "a call"),
                    target: try StoredTrigger.agent(row["target"], of: "a call"),
                    count: row["number"],
                    failed: row["failures"]
                )
            }
        }
    }
}
