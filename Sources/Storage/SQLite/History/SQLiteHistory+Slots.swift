import Domain
import FoundationEssentials
import GRDB

extension SQLiteHistory {
    package func slots(_ query: SlotQuery) async throws -> SlotPage {
        let limit = max(0, query.limit)
        // One more than asked for tells whether anything is left.
        var slots = try await read { database in
            let rows = try database.rows(
                """
                SELECT * FROM slots
                WHERE (:agent IS NULL OR agent = :agent) AND due_at >= :since
                    AND (:due IS NULL OR due_at < :due OR (due_at = :due AND agent > :name))
                ORDER BY due_at DESC, agent LIMIT :limit
                """,
                [
                    "agent": query.agent?.rawValue, "since": query.since?.milliseconds ?? 0,
                    "due": query.before?.dueAt.milliseconds, "name": query.before?.agent.rawValue, "limit": limit + 1,
                ]
            )
            return try rows.map { try SlotRecord(row: $0) }
        }
        let hasMore = slots.count > limit
        slots = Array(slots.prefix(limit))
        let next = hasMore ? slots.last.map { SlotPosition(dueAt: $0.dueAt, agent: $0.agent) } : nil
        return SlotPage(slots: slots, next: next)
    }
}

extension SlotRecord {
    fileprivate init(row: Row) throws {
        let agent = try StoredTrigger.agent(row["agent"], of: "a slot")
        self.init(
            agent: agent,
            dueAt: Date(milliseconds: row["due_at"]),
            end: row["ending"],
            reason: row["reason"],
            instance: (row["run_id"] as String?).flatMap(RunID.init).map { InstanceID(agent: agent, run: $0) },
            catchUp: row["catch_up"],
            firstDueAt: (row["first_due_at"] as Int64?).map(Date.init(milliseconds:)),
            count: row["count"]
        )
    }
}
