package import Domain
package import FoundationEssentials
import GRDB

extension SQLiteStore {
    package func flags() async throws -> SchedulerFlags { try await read { try $0.flags() } }

    package func setPaused(since time: Date?) async throws {
        try await write { database in
            try database.setFlag("paused", agent: "", isSet: time != nil)
            guard let time else { return }
            try database.run(
                "UPDATE flags SET since = ? WHERE name = 'paused' AND since IS NULL",
                [time.milliseconds]
            )
        }
    }

    package func setEnabled(_ isEnabled: Bool, agent: AgentName) async throws {
        try await write { try $0.setFlag("disabled", agent: agent.rawValue, isSet: !isEnabled) }
    }

    package func prune(olderThan time: Date) async throws {
        try await write { [roomForBodies] database in
            let limit = time.milliseconds
            try database.pruneWork(limit)
            try database.pruneBodies(room: roomForBodies)
            try database.run(
                """
                DELETE FROM slots
                WHERE due_at < ? AND due_at < (SELECT max(due_at) FROM slots AS s WHERE s.agent = slots.agent)
                """,
                [limit]
            )
            try database.run("DELETE FROM calls WHERE state IN ('completed', 'error') AND ended_at < ?", [limit])
            try database.run("DELETE FROM locks WHERE expires_at < ?", [limit])
            // A day of a zone may have begun up to 26 hours ago.
            try database.run("DELETE FROM spending WHERE quarter < ?", [time.addingTimeInterval(-2 * 86_400).quarter])
        }
    }
}

extension Database {
    func flags() throws -> SchedulerFlags {
        var flags = SchedulerFlags()
        for row in try rows("SELECT name, agent, since FROM flags") {
            switch row[0] as String {
            case "paused": flags.pausedSince = (row[2] as Int64?).map(Date.init(milliseconds:))
            case "disabled": flags.disabledAgents.insert(try StoredTrigger.agent(row[1], of: "a flag"))
            default: continue
            }
        }
        return flags
    }

    fileprivate func setFlag(_ name: String, agent: String, isSet: Bool) throws {
        let statement =
            isSet
            ? "INSERT OR IGNORE INTO flags (name, agent) VALUES (?, ?)"
            : "DELETE FROM flags WHERE name = ? AND agent = ?"
        try run(statement, [name, agent])
    }

    /// Deletes deliveries, items and runs.
    ///
    /// What a provider might still send again stays, whatever the retention: without it a repetition would start its
    /// work twice.
    fileprivate func pruneWork(_ limit: Int64) throws {
        let newest: Int64 = try value("SELECT max(received_at) FROM deliveries") ?? limit
        let remembered = min(limit, newest - Self.repetitionWindow)
        try run(
            """
            DELETE FROM runs WHERE ended_at < ? AND state NOT IN ('starting', 'running') AND NOT EXISTS (
                SELECT 1 FROM work_items JOIN deliveries ON deliveries.id = work_items.origin
                WHERE work_items.id = runs.item_id AND deliveries.received_at >= ?)
            """,
            [limit, remembered]
        )
        try run(
            """
            DELETE FROM work_items WHERE state <> 'waiting' AND coalesce(ended_at, received_at) < ?
                AND NOT EXISTS (SELECT 1 FROM runs WHERE item_id = work_items.id)
                AND NOT EXISTS (SELECT 1 FROM deliveries WHERE id = work_items.origin AND received_at >= ?)
            """,
            [limit, remembered]
        )
        try run(
            """
            DELETE FROM deliveries WHERE received_at < ?
                AND NOT EXISTS (SELECT 1 FROM work_items WHERE origin = deliveries.first_id)
            """,
            [remembered]
        )
    }

    /// Drops what deliveries said that no sender repeats any more, when all together takes more than its room; what still waits needs it.
    fileprivate func pruneBodies(room: Int64) throws {
        let total: Int64 = try value("SELECT sum(length(body)) FROM delivery_bodies") ?? 0
        guard total > room, let newest: Int64 = try value("SELECT max(received_at) FROM deliveries") else {
            return
        }
        try run(
            """
            DELETE FROM delivery_bodies WHERE position IN (
                SELECT position FROM deliveries WHERE received_at < ? AND NOT EXISTS (
                    SELECT 1 FROM work_items WHERE origin = deliveries.first_id AND state = 'waiting'))
            """,
            [newest - Self.repetitionWindow]
        )
    }
}
