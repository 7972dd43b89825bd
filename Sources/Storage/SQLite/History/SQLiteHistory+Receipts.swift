import Domain
import FoundationEssentials
import GRDB
import OrderedCollections

extension SQLiteHistory {
    package func receipts(_ query: ReceiptQuery) async throws -> ReceiptPage {
        try await read { database in
            // In the text only when it is asked for: so SQLite reads from the original on, not all there is.
            let isReplay =
                query.replayOf == nil
                ? "?7 IS NULL" : "replay_of = ?7 AND position > (SELECT position FROM deliveries WHERE id = ?7)"
            // One more than asked for tells whether there is another page.
            let rows = try database.rows(
                """
                SELECT * FROM deliveries
                WHERE (?1 IS NULL OR EXISTS (SELECT 1 FROM json_each(sources) WHERE value = ?1))
                    AND (?2 IS NULL OR status = ?2)
                    AND (?3 IS NULL OR EXISTS (SELECT 1 FROM json_each(decisions) WHERE key = ?3))
                    AND (?4 IS NULL OR received_at >= ?4)
                    AND (?5 IS NULL OR position < ?5)
                    AND \(isReplay)
                ORDER BY position DESC LIMIT ?6
                """,
                [
                    query.source, query.status?.rawValue, query.agent?.rawValue, query.since?.milliseconds,
                    query.before, query.limit + 1, query.replayOf,
                ]
            )
            let page = rows.prefix(query.limit)
            let next: Int? = rows.count > page.count ? page.last?["position"] : nil
            return ReceiptPage(receipts: try page.map(database.receipt), next: next)
        }
    }

    package func receipt(_ id: String) async throws -> Receipt? {
        try await read { database in
            try database.row("SELECT * FROM deliveries WHERE id = ?", [id]).map(database.receipt)
        }
    }

    package func body(ofReceipt id: String) async throws -> [UInt8]? {
        try await read { database in
            try database.content(ofDelivery: id).map { Array($0.body) }
        }
    }
}

extension Database {
    fileprivate func receipt(_ row: Row) throws -> Receipt {
        let id: String = row["id"]
        let first: String = row["first_id"]
        let status: String = row["status"]
        let record = "delivery \(id)"
        let context = try context(ofDelivery: id) ?? contextOfEarlierVersion(row, id: id, origin: first)
        guard let status = ReceiptStatus(rawValue: status) else {
            throw StorageError(code: .corrupt, message: "\(record) has the unknown status \(status)")
        }
        return Receipt(
            id: id,
            firstID: first,
            type: row["type"],
            sources: try stored(row["sources"], of: record).arrayValue?.compactMap(\.stringValue) ?? [],
            matchedInstance: row["matched_instance"],
            providerDeliveryID: row["provider_id"],
            event: row["event"],
            status: status,
            reason: row["reason"],
            receivedAt: Date(milliseconds: row["received_at"]),
            replayOf: row["replay_of"],
            replayedBy: row["replayed_by"],
            headers: try texts(row["headers"], of: record),
            context: try context.map { try stored($0, of: record) },
            bodyBytes: row["body_bytes"],
            // In the words of the index, which would not be used otherwise.
            duplicates: try self.value("SELECT count(*) FROM deliveries WHERE first_id = ? AND first_id <> id", [id])
                ?? 0,
            verdicts: try stored(row["verdicts"], of: record).arrayValue?.compactMap(TriggerVerdict.init) ?? [],
            decisions: Dictionary(
                uniqueKeysWithValues: try texts(row["decisions"], of: record).map { agent, decision in
                    (try StoredTrigger.agent(agent, of: record), decision)
                }
            ),
            work: try receiptWork(origin: first)
        )
    }

    /// The context where versions before migration 8 stored it: with the items of a delivery, or with one that started nothing.
    private func contextOfEarlierVersion(_ delivery: Row, id: String, origin: String) throws -> String? {
        try delivery["context"]
            ?? row(
                """
                SELECT json_extract(trigger, '$.context') FROM work_items
                WHERE origin = ? AND json_extract(trigger, '$.deliveryId') = ? LIMIT 1
                """,
                [origin, id]
            )?[0]
    }

    /// The items of all deliveries with one provider id, each with its newest run.
    private func receiptWork(origin: String) throws -> [Receipt.Work] {
        try rows(
            """
            SELECT items.agent, items.id, items.state, items.reason, json_extract(items.trigger, '$.deliveryId') AS delivery,
                runs.id AS run_id, runs.state AS run_state, runs.reason AS run_reason
            FROM work_items AS items LEFT JOIN runs
                ON runs.position = (SELECT max(position) FROM runs WHERE item_id = items.id)
            WHERE items.origin = ? ORDER BY items.position
            """,
            [origin]
        ).map { row in
            let agent = try StoredTrigger.agent(row["agent"], of: "a work item of delivery \(origin)")
            let state: String = row["state"]
            let run = state == WorkItemState.claimed.rawValue ? (row["run_id"] as String?).flatMap(RunID.init) : nil
            let runState: String? = row["run_state"]
            return Receipt.Work(
                itemID: row["id"],
                agent: agent,
                deliveryID: row["delivery"] ?? origin,
                state: run == nil ? state : runState ?? state,
                reason: run == nil ? row["reason"] : row["run_reason"],
                instance: run.map { InstanceID(agent: agent, run: $0) }
            )
        }
    }

    private func stored(_ text: String, of record: String) throws -> JSONValue {
        do {
            return try JSONValue(parsing: text)
        } catch {
            throw StorageError(code: .corrupt, message: "\(record) is unreadable: \(error)")
        }
    }

    /// The texts of an object.
    private func texts(_ text: String, of record: String) throws -> [String: String] {
        let members = try stored(text, of: record).objectValue ?? [:]
        return Dictionary(
            uniqueKeysWithValues: members.compactMap { key, value in value.stringValue.map { (key, $0) } }
        )
    }
}
