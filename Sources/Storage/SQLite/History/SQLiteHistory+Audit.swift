package import FoundationEssentials
import GRDB

extension SQLiteHistory {
    package func audit(since: Date) async throws -> Audit {
        try await read { database in
            var audit = Audit()
            let limit = since.milliseconds
            try database.auditSlots(since: limit, into: &audit)
            try database.auditForgottenSlots(since: limit, into: &audit)
            try database.auditDeliveries(since: limit, into: &audit)
            try database.auditRuns(since: limit, into: &audit)
            try database.auditCalls(since: limit, into: &audit)
            return audit
        }
    }
}

extension Database {
    fileprivate func auditSlots(since: Int64, into audit: inout Audit) throws {
        audit.slots.total = try value("SELECT coalesce(sum(count), 0) FROM slots WHERE due_at >= ?", [since]) ?? 0
        try count(
            """
            SELECT ending, coalesce(reason, ''), sum(count) FROM slots
            WHERE due_at >= ? AND ending IN ('fired', 'skipped', 'missed') GROUP BY 1, 2 ORDER BY 1, 2
            """,
            [since],
            into: &audit.slots
        )
        let orphans = """
            SELECT agent || ' ' || strftime('%Y-%m-%d %H:%M', due_at / 1000, 'unixepoch') FROM slots
            WHERE due_at >= ? AND ending = 'fired' AND run_id NOT IN (SELECT id FROM runs)
            """
        try list(orphans, [since], kind: "slot", problem: "fired, but its run is not there", into: &audit)
    }

    /// One matching agent of one delivery is one unit; agents that did not match are none.
    fileprivate func auditDeliveries(since: Int64, into audit: inout Audit) throws {
        let pairs = """
            FROM deliveries, json_each(deliveries.decisions) AS decision
            WHERE received_at >= ? AND decision.value IN ('started', 'repeated', 'disabled')
            """
        audit.deliveries.total = try value("SELECT count(*) \(pairs)", [since]) ?? 0
        let ends = """
            SELECT CASE
                WHEN decision.value = 'disabled' THEN 'skipped' WHEN decision.value = 'repeated' THEN 'repeated'
                WHEN item.state = 'waiting' THEN 'waiting' WHEN item.state = 'dropped' THEN 'dropped'
                WHEN item.state = 'claimed' AND EXISTS (SELECT 1 FROM runs WHERE item_id = item.id) THEN 'ran'
                ELSE 'open' END AS ending,
                CASE WHEN decision.value = 'disabled' THEN 'disabled' ELSE \(Self.kind(ofReason: "item.reason")) END AS reason,
                deliveries.id AS id, decision.key AS agent
            FROM deliveries, json_each(deliveries.decisions) AS decision
            LEFT JOIN work_items AS item ON decision.value = 'started' AND item.origin = deliveries.first_id
                AND item.agent = decision.key AND json_extract(item.trigger, '$.deliveryId') = deliveries.id
            WHERE deliveries.received_at >= ? AND decision.value IN ('started', 'repeated', 'disabled')
            """
        try count(
            "SELECT ending, reason, count(*) FROM (\(ends)) WHERE ending <> 'open' GROUP BY 1, 2 ORDER BY 1, 2",
            [since],
            into: &audit.deliveries
        )
        try list(
            "SELECT id || ' for ' || agent FROM (\(ends)) WHERE ending = 'open'",
            [since],
            kind: "delivery",
            problem: "accepted, but its work is neither waiting nor run nor dropped",
            into: &audit
        )
    }

    fileprivate func auditRuns(since: Int64, into audit: inout Audit) throws {
        audit.runs.total = try value("SELECT count(*) FROM runs WHERE started_at >= ?", [since]) ?? 0
        try count(
            """
            SELECT CASE WHEN state IN ('starting', 'running') THEN 'alive' ELSE state END, '', count(*) FROM runs
            WHERE started_at >= ? GROUP BY 1 ORDER BY 1
            """,
            [since],
            into: &audit.runs
        )
        try list(
            """
            SELECT agent || '-' || id FROM runs
            WHERE started_at >= ? AND (ended_at IS NULL) <> (state IN ('starting', 'running'))
            """,
            [since],
            kind: "run",
            problem: "its state and its end do not agree",
            into: &audit
        )
    }

    fileprivate func auditCalls(since: Int64, into audit: inout Audit) throws {
        audit.calls.total = try value("SELECT count(*) FROM calls WHERE created_at >= ?", [since]) ?? 0
        try count(
            "SELECT state, '', count(*) FROM calls WHERE created_at >= ? GROUP BY 1 ORDER BY 1",
            [since],
            into: &audit.calls
        )
        try list(
            """
            SELECT id || ' to ' || target FROM calls WHERE created_at >= ? AND state IN ('pending', 'running')
                AND NOT EXISTS (SELECT 1 FROM work_items WHERE call_id = calls.id AND state = 'waiting')
                AND NOT EXISTS (
                    SELECT 1 FROM runs WHERE call_id = calls.id AND runs.state IN ('starting', 'running'))
            """,
            [since],
            kind: "call",
            problem: "open, but nothing waits or runs for it",
            into: &audit
        )
    }

    private func count(_ sql: String, _ arguments: StatementArguments, into account: inout Audit.Account) throws {
        for row in try rows(sql, arguments) { account.add(row[2], to: row[0], reason: row[1]) }
    }

    private func list(
        _ sql: String,
        _ arguments: StatementArguments,
        kind: String,
        problem: String,
        into audit: inout Audit
    ) throws {
        for row in try rows(sql + " ORDER BY 1 LIMIT 100", arguments) {
            audit.open.append(Audit.OpenRow(kind: kind, name: row[0], problem: problem))
        }
    }
}
