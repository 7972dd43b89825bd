import Domain
import FoundationEssentials
import GRDB
import OrderedCollections

extension SQLiteStore {
    package func record(_ delivery: NewDelivery) async throws -> DeliveryResult {
        // Encoded here, by the caller's task: the writer is one for all.
        let encoded = EncodedDelivery(delivery)
        return try await write { try $0.record(delivery, as: encoded) }
    }
}

/// The parts of a delivery in the form in which they are stored.
private struct EncodedDelivery: Sendable {
    let headers: String
    let verdicts: String
    let sources: String
    let items: [StoredItem]
    let content: StoredContent

    init(_ delivery: NewDelivery) {
        headers = headersText(delivery.headers)
        verdicts = JSONValue.array(delivery.verdicts.map(\.json)).compactText
        sources = JSONValue.array(delivery.sources.map(JSONValue.string)).compactText
        items = delivery.items.map { StoredItem($0, hasContext: false) }
        content = StoredContent(body: delivery.body, context: delivery.context?.compactText)
    }
}

/// Headers as they are stored: a JSON object, by name.
func headersText(_ headers: [String: String]) -> String {
    JSONValue.compactText(of: headers.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
}

extension Database {
    /// How long a provider's delivery id is remembered, in milliseconds.
    static let repetitionWindow: Int64 = 7 * 24 * 3600 * 1000

    fileprivate func record(_ delivery: NewDelivery, as encoded: EncodedDelivery) throws -> DeliveryResult {
        let first = try firstDelivery(like: delivery, from: delivery.hasIDOfItsSource ? encoded.sources : nil)
        var result = DeliveryResult(matched: 0, skipped: delivery.skippedAgents.count)
        var decisions = OrderedDictionary<String, JSONValue>()
        for agent in delivery.skippedAgents { decisions[agent.rawValue] = "disabled" }
        for var item in encoded.items {
            item.origin = first ?? delivery.id
            if let first, try isWorkDoneOrUnderWay(of: item.item, origin: first) {
                decisions[item.item.agent.rawValue] = "repeated"
                continue
            }
            decisions[item.item.agent.rawValue] = "started"
            result.matched += 1
            let stored = try insert(item)
            result.depths[item.item.agent] = stored.depth
            result.dropped += stored.superseded + (stored.dropped.map { [$0] } ?? [])
        }
        if let first {
            result.isRedelivery = result.matched > 0
            result.isDuplicate = !result.isRedelivery
            if result.isDuplicate {
                result.skipped = 0
                result.first = try work(ofOrigin: first)
            }
        }
        try insert(delivery, as: encoded, firstID: first ?? delivery.id, decisions: decisions, result: result)
        return result
    }

    /// The first delivery with the provider's id within the last seven days, from some sources or (`nil`) any.
    private func firstDelivery(like delivery: NewDelivery, from sources: String?) throws -> String? {
        guard let providerID = delivery.providerDeliveryID, delivery.context != nil else { return nil }
        return try value(
            """
            SELECT id FROM deliveries
            WHERE provider_id = ? AND type = ? AND matched_instance = ? AND id = first_id AND received_at > ?
                AND (? IS NULL OR sources = ?)
            ORDER BY position DESC LIMIT 1
            """,
            [
                providerID, delivery.type, delivery.matchedInstance,
                delivery.receivedAt.milliseconds - Self.repetitionWindow, sources, sources,
            ]
        )
    }

    private func isWorkDoneOrUnderWay(of item: NewWorkItem, origin: String) throws -> Bool {
        let isWorking = try work(ofOrigin: origin, agent: item.agent).contains { work in
            work.state == "queued"
                || RunState(rawValue: work.state).map { !$0.isFinal || $0 == .succeeded } ?? false
        }
        return try isWorking || isOvertaken(item, origin: origin)
    }

    /// Whether the item would take the place of one whose delivery is newer than its own first one.
    private func isOvertaken(_ item: NewWorkItem, origin: String) throws -> Bool {
        guard let group = item.group else { return false }
        let newer: Int? = try value(
            """
            SELECT 1 FROM work_items JOIN deliveries ON deliveries.id = work_items.origin
            WHERE agent = ? AND merge_group = ? AND state = 'waiting'
                AND deliveries.position > (SELECT position FROM deliveries WHERE id = ?)
            """,
            [item.agent.rawValue, group, origin]
        )
        return newer != nil
    }

    /// Every item of the deliveries with one provider id, with the state of its latest run, oldest first.
    private func work(ofOrigin origin: String, agent: AgentName? = nil) throws -> [FirstWork] {
        let rows = try rows(
            """
            SELECT agent, state,
                (SELECT id FROM runs WHERE item_id = work_items.id ORDER BY position DESC LIMIT 1) AS run_id
            FROM work_items WHERE origin = ? AND (? IS NULL OR agent = ?) ORDER BY position
            """,
            [origin, agent?.rawValue, agent?.rawValue]
        )
        return try rows.map { row in
            let agent = try StoredTrigger.agent(row["agent"], of: "a work item of delivery \(origin)")
            let state: String = row["state"]
            let run = (row["run_id"] as String?).flatMap(RunID.init)
            guard state == WorkItemState.claimed.rawValue, let run,
                let runState: String = try self.value("SELECT state FROM runs WHERE id = ?", [run.rawValue])
            else {
                let isWaiting = state == WorkItemState.waiting.rawValue
                return FirstWork(agent: agent, instance: nil, state: isWaiting ? "queued" : state)
            }
            return FirstWork(agent: agent, instance: InstanceID(agent: agent, run: run), state: runState)
        }
    }

    private func insert(
        _ delivery: NewDelivery,
        as encoded: EncodedDelivery,
        firstID: String,
        decisions: OrderedDictionary<String, JSONValue>,
        result: DeliveryResult
    ) throws {
        let status: ReceiptStatus =
            if delivery.context == nil { .ignored } else if result.isDuplicate { .duplicate } else {
                decisions.isEmpty ? .unmatched : .dispatched
            }
        try run(
            """
            INSERT INTO deliveries (id, first_id, type, matched_instance, provider_id, received_at, event, status,
                decisions, verdicts, sources, replay_of, replayed_by, headers, body_bytes)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                delivery.id, firstID, delivery.type, delivery.matchedInstance, delivery.providerDeliveryID,
                delivery.receivedAt.milliseconds, delivery.event, status.rawValue,
                JSONValue.object(decisions).compactText, encoded.verdicts, encoded.sources, delivery.replay?.original,
                delivery.replay?.orderedBy, encoded.headers, delivery.body.count,
            ]
        )
        try run(
            "INSERT INTO delivery_bodies (position, form, body) VALUES (last_insert_rowid(), ?, ?)",
            [encoded.content.form.rawValue, encoded.content.bytes]
        )
    }
}
