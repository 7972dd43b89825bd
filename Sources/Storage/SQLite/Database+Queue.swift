import Domain
import FoundationEssentials
import GRDB

extension Database {
    /// Inserts a waiting item and drops the oldest of its queue when that is full.
    func insert(_ stored: StoredItem) throws -> EnqueueResult {
        let item = stored.item
        try run(
            """
            INSERT INTO work_items (id, agent, trigger, received_at, state, origin, call_id)
            VALUES (?, ?, ?, ?, 'waiting', ?, ?)
            """,
            [
                item.id, item.agent.rawValue, stored.trigger.text, item.receivedAt.milliseconds, stored.origin,
                stored.trigger.callID,
            ]
        )
        let depth = try depth(of: item.agent)
        // The new item itself is never the one that goes.
        guard depth > max(1, item.queueLimit) else { return EnqueueResult(dropped: nil, depth: depth) }
        let dropped = try dropOldest(of: item.agent, reason: "queue full", at: item.receivedAt)
        return EnqueueResult(dropped: dropped, depth: depth - 1)
    }

    private func depth(of agent: AgentName) throws -> Int {
        try row("SELECT depth FROM queue_depths WHERE agent = ?", [agent.rawValue])?[0] ?? 0
    }

    private func dropOldest(of agent: AgentName, reason: String, at time: Date) throws -> WorkItem? {
        guard
            let row = try row(
                "SELECT * FROM work_items WHERE agent = ? AND state = 'waiting' ORDER BY position LIMIT 1",
                [agent.rawValue]
            )
        else { return nil }
        var item = try WorkItem(row: row)
        item.state = .dropped
        item.reason = reason
        try run(
            "UPDATE work_items SET state = 'dropped', reason = ?, ended_at = ? WHERE id = ?",
            [reason, time.milliseconds, item.id]
        )
        if let call: String = row["call_id"] { try failCall(call, message: "dropped from queue", at: time) }
        return item
    }

    /// Drops every waiting item, of one agent or all.
    func dropWaiting(of agent: AgentName?, reason: String, at time: Date) throws -> Int {
        let which = "state = 'waiting' AND (? IS NULL OR agent = ?)"
        let agent = agent?.rawValue
        try run(
            """
            UPDATE calls SET state = 'error', error_message = ?, ended_at = ?
            WHERE state IN ('pending', 'running')
                AND id IN (SELECT call_id FROM work_items WHERE call_id IS NOT NULL AND \(which))
            """,
            [reason, time.milliseconds, agent, agent]
        )
        try run(
            "UPDATE work_items SET state = 'dropped', reason = ?, ended_at = ? WHERE \(which)",
            [reason, time.milliseconds, agent, agent]
        )
        return changesCount
    }

    func failCall(_ id: String, message: String, at time: Date) throws {
        try run(
            """
            UPDATE calls SET state = 'error', error_message = ?, ended_at = ?
            WHERE id = ? AND state IN ('pending', 'running')
            """,
            [message, time.milliseconds, id]
        )
    }
}

extension WorkItem {
    /// Reads a row of `work_items`.
    init(row: Row) throws {
        let id: String = row["id"]
        let state: String = row["state"]
        guard let state = WorkItemState(rawValue: state) else {
            throw StorageError(code: .corrupt, message: "work item \(id) has the unknown state \(state)")
        }
        self.init(
            id: id,
            agent: try StoredTrigger.agent(row["agent"], of: "work item \(id)"),
            trigger: try StoredTrigger.trigger(from: row["trigger"], of: "work item \(id)"),
            receivedAt: Date(milliseconds: row["received_at"]),
            state: state,
            reason: row["reason"]
        )
    }
}
