import Domain
import FoundationEssentials
import GRDB

extension Database {
    /// Waiting items of each agent that has some.
    func queueDepths() throws -> [AgentName: Int] {
        var depths: [AgentName: Int] = [:]
        for row in try rows("SELECT agent, depth FROM queue_depths WHERE depth > 0") {
            depths[try StoredTrigger.agent(row[0], of: "a queue")] = row[1]
        }
        return depths
    }

    /// Inserts a waiting item, in the place of those it supersedes; without a place, a full queue loses its oldest or refuses
    /// the item.
    func insert(_ stored: StoredItem) throws -> EnqueueResult {
        let item = stored.item
        let places = try supersede(by: item)
        let depth = try depth(of: item.agent) + 1
        let isTooMuch = places.isEmpty && depth > max(1, item.queueLimit)
        if isTooMuch, item.overflow == .reject {
            throw StorageError(code: .queueFull, message: "queue of agent \"\(item.agent)\" is full")
        }
        let since = places.compactMap(\.since).min() ?? item.receivedAt.milliseconds
        try run(
            """
            INSERT INTO work_items (position, id, agent, trigger, received_at, state, origin, call_id, kind, due_at, key,
                merge_group, group_since)
            VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                places.map(\.position).min(), item.id, item.agent.rawValue, stored.trigger.text,
                item.receivedAt.milliseconds, stored.origin, stored.trigger.callID, item.trigger.kind.rawValue,
                item.dueAt(groupSince: since), item.key, item.group, item.group == nil ? nil : since,
            ]
        )
        // Here, not in a trigger like the other changes: it is known, and a trigger makes SQLite keep copies to take an insert back.
        try run("INSERT OR REPLACE INTO queue_depths (agent, depth) VALUES (?, ?)", [item.agent.rawValue, depth])
        let superseded = places.map(\.item)
        // The new item is the last then and never the one that goes.
        guard isTooMuch else {
            return EnqueueResult(dropped: nil, superseded: superseded, depth: depth)
        }
        let dropped = try dropOldest(of: item.agent, reason: "queue full", at: item.receivedAt)
        return EnqueueResult(dropped: dropped, superseded: superseded, depth: depth - 1)
    }

    /// A waiting item that a newer one of its group replaces, and the place it had.
    private struct Superseded {
        var item: DroppedItem
        var position: Int64
        var since: Int64?
    }

    private func supersede(by new: NewWorkItem) throws -> [Superseded] {
        guard let group = new.group else { return [] }
        let rows = try rows(
            """
            SELECT \(Self.neededToDrop) FROM work_items
            WHERE agent = ? AND merge_group = ? AND state = 'waiting' ORDER BY position
            """,
            [new.agent.rawValue, group]
        )
        return try rows.map { row in
            let position: Int64 = row["position"]
            let dropped = try drop(row, reason: "superseded by \(new.id)", at: new.receivedAt)
            try run(
                "UPDATE work_items SET position = (SELECT max(position) + 1 FROM work_items) WHERE id = ?",
                [dropped.id]
            )
            return Superseded(item: dropped, position: position, since: row["group_since"])
        }
    }

    /// SQL that names why an item was dropped, without the id of the one that took its place: as reasons are counted.
    static func kind(ofReason column: String) -> String {
        "CASE WHEN \(column) LIKE 'superseded by %' THEN 'superseded' ELSE coalesce(\(column), '') END"
    }

    private func depth(of agent: AgentName) throws -> Int {
        try value("SELECT depth FROM queue_depths WHERE agent = ?", [agent.rawValue]) ?? 0
    }

    private func dropOldest(of agent: AgentName, reason: String, at time: Date) throws -> DroppedItem? {
        guard
            let row = try row(
                "SELECT \(Self.neededToDrop) FROM work_items WHERE agent = ? AND state = 'waiting' ORDER BY position LIMIT 1",
                [agent.rawValue]
            )
        else { return nil }
        return try drop(row, reason: reason, at: time)
    }

    static let neededToDrop = """
        position, id, agent, call_id, group_since, json_extract(trigger, '$.deliveryId') AS delivery_id
        """

    /// Drops an item of which ``neededToDrop`` was read.
    func drop(_ row: Row, reason: String, at time: Date) throws -> DroppedItem {
        let item = DroppedItem(
            id: row["id"],
            agent: try StoredTrigger.agent(row["agent"], of: "work item \(row["id"] as String)"),
            deliveryID: row["delivery_id"],
            reason: reason
        )
        try drop(item: item.id, serving: row["call_id"], reason: reason, at: time)
        return item
    }

    /// Drops an item, whatever its trigger says, and fails the call it serves.
    func drop(item id: String, serving call: String?, reason: String, at time: Date) throws {
        try run(
            "UPDATE work_items SET state = 'dropped', reason = ?, ended_at = ? WHERE id = ?",
            [reason, time.milliseconds, id]
        )
        if let call { try failCall(call, message: "dropped from queue", at: time) }
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

extension Database {
    /// Reads a row of `work_items`.
    func workItem(_ row: Row) throws -> WorkItem {
        let id: String = row["id"]
        let state: String = row["state"]
        guard let state = WorkItemState(rawValue: state) else {
            throw StorageError(code: .corrupt, message: "work item \(id) has the unknown state \(state)")
        }
        return WorkItem(
            id: id,
            agent: try StoredTrigger.agent(row["agent"], of: "work item \(id)"),
            trigger: try trigger(of: id, from: row["trigger"], mustBeWhole: false),
            receivedAt: Date(milliseconds: row["received_at"]),
            state: state,
            reason: row["reason"],
            dueAt: (row["due_at"] as Int64?).map(Date.init(milliseconds:)),
            key: row["key"]
        )
    }
}

extension NewWorkItem {
    /// How many quiet times may follow each other before an item becomes due all the same.
    private static let quietTimes: Int64 = 10

    /// When the item becomes due; `nil` = at once.
    fileprivate func dueAt(groupSince since: Int64) -> Int64? {
        guard let debounce else { return nil }
        let quiet = Int64(debounce) * 1000
        return min(receivedAt.milliseconds + quiet, since + Self.quietTimes * quiet)
    }
}
