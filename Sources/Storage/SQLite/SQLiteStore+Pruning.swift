package import FoundationEssentials
import GRDB

/// After weeks there is a lot to delete. It is looked for by readers and goes in parts, so that no sender waits for it.
extension SQLiteStore {
    /// Rows that go with one change: a delivery that comes meanwhile waits for some 10 ms.
    private static let part = 50

    package func prune(olderThan time: Date) async throws {
        let limit = time.milliseconds
        try await pruneWork(limit)
        try await pruneBodies()
        try await deleteInParts(
            """
            DELETE FROM slots WHERE (agent, due_at) IN (
                SELECT agent, due_at FROM slots AS old
                WHERE due_at < ? AND due_at < (SELECT max(due_at) FROM slots AS s WHERE s.agent = old.agent)
                ORDER BY due_at LIMIT ?)
            """,
            limit
        )
        try await deleteInParts(
            """
            DELETE FROM calls WHERE id IN (
                SELECT id FROM calls WHERE created_at < ?1 AND ended_at < ?1 AND state IN ('completed', 'error')
                ORDER BY created_at LIMIT ?2)
            """,
            limit
        )
        try await write { database in
            try database.run("DELETE FROM locks WHERE expires_at < ?", [limit])
            // A day of a zone may have begun up to 26 hours ago.
            try database.run("DELETE FROM spending WHERE quarter < ?", [time.addingTimeInterval(-2 * 86_400).quarter])
        }
    }

    /// Deletes deliveries, their items and those items' runs, in this order: what is left between two parts is still whole.
    ///
    /// What a provider might still send again stays, whatever the retention: without it a repetition would start its
    /// work twice.
    private func pruneWork(_ limit: Int64) async throws {
        let finished = """
            work_items.state <> 'waiting' AND coalesce(work_items.ended_at, work_items.received_at) < ?1
                AND NOT EXISTS (SELECT 1 FROM runs WHERE item_id = work_items.id
                    AND (ended_at IS NULL OR ended_at >= ?1 OR runs.state IN ('starting', 'running')))
            """
        if let start = try await rememberedFrom() {
            let remembered = min(limit, start)
            try await delete(
                from: "deliveries",
                upTo: try await lastPosition(in: "deliveries", by: "received_at", before: remembered),
                where: """
                    received_at < ?2 AND NOT EXISTS (
                        SELECT 1 FROM work_items WHERE origin = deliveries.first_id AND NOT (\(finished)))
                    """,
                [limit, remembered]
            )
        }
        try await delete(
            from: "work_items",
            upTo: try await lastPosition(in: "work_items", by: "received_at", before: limit),
            where: "\(finished) AND NOT EXISTS (SELECT 1 FROM deliveries WHERE id = work_items.origin)",
            [limit]
        )
        try await delete(
            from: "runs",
            upTo: try await lastPosition(in: "runs", by: "started_at", before: limit),
            where: """
                ended_at < ?1 AND state NOT IN ('starting', 'running')
                    AND NOT EXISTS (SELECT 1 FROM work_items WHERE id = runs.item_id)
                """,
            [limit]
        )
    }

    /// Drops what deliveries said that no sender repeats any more, when all together takes more than its room; what still waits needs it.
    private func pruneBodies() async throws {
        let total: Int64 = try await read { try $0.value("SELECT sum(length(body)) FROM delivery_bodies") ?? 0 }
        guard total > roomForBodies, let remembered = try await rememberedFrom() else { return }
        try await delete(
            from: "delivery_bodies",
            upTo: try await lastPosition(in: "deliveries", by: "received_at", before: remembered),
            where: """
                EXISTS (SELECT 1 FROM deliveries WHERE deliveries.position = delivery_bodies.position AND received_at < ?1
                    AND NOT EXISTS (SELECT 1 FROM work_items WHERE origin = deliveries.first_id AND state = 'waiting'))
                """,
            [remembered]
        )
    }

    /// What came since then may be sent again.
    private func rememberedFrom() async throws -> Int64? {
        try await read { try $0.value("SELECT max(received_at) FROM deliveries") }
            .map { $0 - Database.repetitionWindow }
    }

    private func lastPosition(in table: String, by column: String, before time: Int64) async throws -> Int64 {
        // Without the sign SQLite would walk back row by row instead of reading the index of times.
        try await read { try $0.value("SELECT max(+position) FROM \(table) WHERE \(column) < ?", [time]) ?? 0 }
    }

    /// Deletes the rows of a table that fulfil a condition; behind the last position none does.
    private func delete(
        from table: String,
        upTo last: Int64,
        where condition: String,
        _ arguments: [Int64]
    ) async throws {
        let place = "?\(arguments.count + 1)"
        let search = """
            SELECT position FROM \(table)
            WHERE position > \(place) AND position <= ?\(arguments.count + 2) AND \(condition)
            ORDER BY position LIMIT \(Self.part)
            """
        // The condition once more: what was found may have changed.
        let deletion =
            "DELETE FROM \(table) WHERE position IN (SELECT value FROM json_each(\(place))) AND \(condition)"
        var seen: Int64 = 0
        while true {
            try Task.checkCancellation()
            let found = try await read { [seen] database in
                let statement = try database.cachedStatement(sql: search)
                return try Int64.fetchAll(statement, arguments: StatementArguments(arguments + [seen, last]))
            }
            guard let newest = found.last else { return }
            try await write { try $0.run(deletion, arguments + ["\(found)"]) }
            seen = newest
        }
    }

    /// Repeats a statement, whose arguments are a time and a number of rows, until it deletes nothing.
    private func deleteInParts(_ statement: String, _ time: Int64) async throws {
        while try await write({ database in
            try database.run(statement, [time, Self.part])
            return database.changesCount
        }) > 0 { try Task.checkCancellation() }
    }
}
