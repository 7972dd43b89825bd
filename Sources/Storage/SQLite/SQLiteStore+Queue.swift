package import Domain
package import FoundationEssentials
import GRDB

extension SQLiteStore {
    package func enqueue(_ item: NewWorkItem) async throws -> EnqueueResult {
        let stored = StoredItem(item)
        return try await write { try $0.insert(stored) }
    }

    package func claimNext(of agent: AgentName, as run: NewRun, rule: ClaimRule) async throws -> ClaimResult {
        try await write { database in
            var result = ClaimResult()
            while let head = try database.head(of: agent, rule: rule, at: run.startedAt) {
                do {
                    result.run = try database.claim(head, as: run)
                    break
                } catch let error as StorageError where error.code == .corrupt {
                    // It would keep all others waiting.
                    result.dropped.append(try database.drop(unreadable: head, error.message, at: run.startedAt))
                }
            }
            return result
        }
    }

    package func queueHeads(of agents: [AgentName: ClaimRule], at time: Date) async throws -> [QueueHead] {
        try await read { database in
            try agents.compactMap { try database.head(of: $0, rule: $1, at: time) }
                .sorted { ($0.receivedAt, $0.agent) < ($1.receivedAt, $1.agent) }
        }
    }

    package func nextDueTime(after time: Date) async throws -> Date? {
        try await read { database in
            let row = try database.row(
                "SELECT min(due_at) FROM work_items WHERE state = 'waiting' AND due_at > ?",
                [time.milliseconds]
            )
            return (row?[0] as Int64?).map(Date.init(milliseconds:))
        }
    }

    @discardableResult
    package func requeue(
        _ run: RunID,
        endingAs state: RunState,
        reason: String,
        at time: Date
    ) async throws -> DroppedItem? {
        try await write { database in
            guard let row = try database.row("SELECT * FROM runs WHERE id = ?", [run.rawValue]) else { return nil }
            let record = try RunRecord(row: row)
            let outcome = RunOutcome(state: state, reason: reason)
            guard let item = record.itemID else {
                try database.end(record, with: outcome, at: time)
                return nil
            }
            guard try database.end(record, with: outcome, at: time, keepingCall: true) else { return nil }
            var older: DroppedItem?
            if let other = try database.waitingItem(inGroupOf: item) {
                guard other["is_older"] else {
                    let reason = "superseded by \(other["id"] as String)"
                    var call: String?
                    var delivery: String?
                    if case .call(let facts) = record.trigger { call = facts.callID }
                    if case .webhook(let facts) = record.trigger { delivery = facts.deliveryID }
                    try database.drop(item: item, serving: call, reason: reason, at: time)
                    return DroppedItem(id: item, agent: record.instance.agent, deliveryID: delivery, reason: reason)
                }
                // An old delivery that came again while this one was claimed.
                older = try database.drop(other, reason: "superseded by \(item)", at: time)
            }
            // With the context that the run has: what the delivery said may be gone, because nothing waited for it.
            try database.run(
                "UPDATE work_items SET state = 'waiting', trigger = ? WHERE id = ? AND state = 'claimed'",
                [StoredTrigger(record.trigger).text, item]
            )
            guard case .call(let facts) = record.trigger else { return older }
            try database.run(
                "UPDATE calls SET state = 'pending', callee = NULL WHERE id = ? AND state = 'running'",
                [facts.callID]
            )
            return older
        }
    }

    package func attempts(ofItem id: String) async throws -> StartAttempts {
        try await read { database in
            let row = try database.row("SELECT count(*), count(handle) FROM runs WHERE item_id = ?", [id])
            return StartAttempts(claimed: row?[0] ?? 0, launched: row?[1] ?? 0)
        }
    }

    package func dropWaiting(of agent: AgentName?, reason: String, at time: Date) async throws -> Int {
        try await write { try $0.dropWaiting(of: agent, reason: reason, at: time) }
    }

    package func waitingItems(of agent: AgentName?) async throws -> [WorkItem] {
        try await read { database in
            let agent = agent?.rawValue
            let rows = try database.rows(
                "SELECT * FROM work_items WHERE state = 'waiting' AND (? IS NULL OR agent = ?) ORDER BY position",
                [agent, agent]
            )
            return try rows.map(database.workItem)
        }
    }

    package func queueDepths() async throws -> [AgentName: Int] { try await read { try $0.queueDepths() } }
}

extension Database {
    /// Turns an item into a run.
    ///
    /// - Throws: ``StorageError`` (`corrupt`), before anything is changed, when the item cannot be read.
    fileprivate func claim(_ head: QueueHead, as new: NewRun) throws -> RunRecord? {
        guard let row = try row("SELECT * FROM work_items WHERE id = ?", [head.itemID]) else { return nil }
        var run = new
        run.trigger = try trigger(of: head.itemID, from: row["trigger"], mustBeWhole: true)
        try self.run("UPDATE work_items SET state = 'claimed' WHERE id = ?", [head.itemID])
        if let call: String = row["call_id"] {
            // A call that is over keeps its end; who serves it nevertheless belongs to the record of the edge.
            try self.run(
                """
                UPDATE calls SET callee = ?, state = CASE state WHEN 'pending' THEN 'running' ELSE state END
                WHERE id = ?
                """,
                [run.instance.rawValue, call]
            )
        }
        // With its context: a run is remembered longer than what its delivery said.
        try insert(run, StoredTrigger(run.trigger), itemID: head.itemID, queuedAt: head.receivedAt)
        return RunRecord(starting: run, itemID: head.itemID, queuedAt: head.receivedAt)
    }

    fileprivate func drop(unreadable head: QueueHead, _ reason: String, at time: Date) throws -> DroppedItem {
        let row = try row(
            """
            SELECT call_id, CASE WHEN json_valid(trigger) THEN json_extract(trigger, '$.deliveryId') END FROM work_items
            WHERE id = ?
            """,
            [head.itemID]
        )
        try drop(item: head.itemID, serving: row?[0], reason: reason, at: time)
        return DroppedItem(id: head.itemID, agent: head.agent, deliveryID: row?[1], reason: reason)
    }

    /// The item that waits in the group of one that waits no more, and whether its delivery is the older one.
    fileprivate func waitingItem(inGroupOf item: String) throws -> Row? {
        try row(
            """
            SELECT \(Self.neededToDrop), coalesce(
                (SELECT position FROM deliveries WHERE id = origin)
                < (SELECT position FROM deliveries WHERE id = (SELECT origin FROM work_items WHERE id = :item)), 0) AS is_older
            FROM work_items
            WHERE state = 'waiting' AND (agent, merge_group) = (SELECT agent, merge_group FROM work_items WHERE id = :item)
            """,
            ["item": item]
        )
    }

    /// What an agent would claim next.
    fileprivate func head(of agent: AgentName, rule: ClaimRule, at time: Date) throws -> QueueHead? {
        let onlyManual = rule == .manualOnly ? "AND kind = 'manual'" : ""
        let row = try row(
            """
            SELECT id, received_at FROM work_items AS item
            WHERE agent = ? AND state = 'waiting' \(onlyManual) AND (due_at IS NULL OR due_at <= ?)
                AND (key IS NULL OR NOT EXISTS (
                    SELECT 1 FROM runs JOIN work_items AS other ON other.id = runs.item_id
                    WHERE runs.state IN ('starting', 'running') AND other.agent = item.agent AND other.key = item.key))
            ORDER BY position LIMIT 1
            """,
            [agent.rawValue, time.milliseconds]
        )
        return row.map { QueueHead(agent: agent, itemID: $0[0], receivedAt: Date(milliseconds: $0[1])) }
    }
}
