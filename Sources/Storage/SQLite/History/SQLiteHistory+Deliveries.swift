package import Domain
import FoundationEssentials
import GRDB
import OrderedCollections

extension SQLiteHistory {
    package func delivery(_ id: String) async throws -> PastDelivery? {
        try await read { database in
            try database.row("SELECT * FROM deliveries WHERE id = ?", [id]).map { try database.pastDelivery(row: $0) }
        }
    }

    package func deliveries(for agent: AgentName, limit: Int) async throws -> [PastDelivery] {
        try await read { database in
            let rows = try database.rows(
                """
                SELECT * FROM deliveries WHERE EXISTS (SELECT 1 FROM json_each(decisions) WHERE key = ?)
                ORDER BY received_at DESC, id LIMIT ?
                """,
                [agent.rawValue, max(0, limit)]
            )
            return try rows.map { try database.pastDelivery(row: $0) }
        }
    }
}

extension Database {
    fileprivate func pastDelivery(row: Row) throws -> PastDelivery {
        let id: String = row["id"]
        let origin: String = row["first_id"]
        let text: String = row["decisions"]
        // What was stored as an object is one; a damaged row still shows the rest.
        let decisions = (try? JSONValue(parsing: text))?.objectValue ?? [:]
        let verdicts = try decisions.map { agent, decision in
            let item = try workItem(of: agent, delivery: id, origin: origin)
            return PastDelivery.Verdict(
                agent: try StoredTrigger.agent(agent, of: "delivery \(id)"),
                decision: decision.stringValue ?? "unknown",
                item: item,
                run: try item.flatMap { try newestRun(ofItem: $0.id) }
            )
        }
        return PastDelivery(
            id: id,
            type: row["type"],
            event: row["event"],
            providerID: row["provider_id"],
            status: row["status"],
            receivedAt: Date(milliseconds: row["received_at"]),
            firstID: origin == id ? nil : origin,
            verdicts: verdicts
        )
    }

    /// The item that this very delivery started, else the newest one of its repetitions.
    private func workItem(of agent: String, delivery: String, origin: String) throws -> WorkItem? {
        let items = try rows(
            "SELECT * FROM work_items WHERE origin = ? AND agent = ? ORDER BY position DESC",
            [origin, agent]
        ).map { try WorkItem(row: $0) }
        let own = items.first { item in
            if case .webhook(let facts) = item.trigger { facts.deliveryID == delivery } else { false }
        }
        return own ?? items.first
    }

    private func newestRun(ofItem id: String) throws -> RunRecord? {
        try row("SELECT * FROM runs WHERE item_id = ? ORDER BY position DESC LIMIT 1", [id])
            .map { try RunRecord(row: $0) }
    }
}
