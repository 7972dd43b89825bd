package import Domain
package import FoundationEssentials
import GRDB
package import OrderedCollections

/// History in a SQLite file: of the running scheduler's store, or of a file that is only read.
package struct SQLiteHistory: History {
    let reader: any DatabaseReader

    init(reader: any DatabaseReader) { self.reader = reader }

    /// Reads the state file of a project whose scheduler does not run; nothing is created or changed.
    ///
    /// - Parameter path: Absolute path of `state.db`.
    /// - Returns: `nil` when there is no file.
    /// - Throws: ``StorageError`` when it cannot be read or another version of `al` wrote it.
    package static func opening(path: String) throws -> SQLiteHistory? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            guard try queue.read(Schema.migrator.hasCompletedMigrations) else {
                throw StorageError(
                    code: .cannotOpen,
                    message: "\(path) was written by another version of al: al start brings it up to date"
                )
            }
            return SQLiteHistory(reader: queue)
        } catch let error as DatabaseError {
            throw StorageError(reading: error, of: path)
        }
    }

    /// Reads the last committed state.
    func read<Value: Sendable>(_ query: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await reader.read(query)
        } catch let error as DatabaseError {
            throw StorageError(reading: error, of: "the history")
        }
    }

    package func item(_ id: String) async throws -> WorkItem? {
        try await read { database in
            try database.row("SELECT * FROM work_items WHERE id = ?", [id]).map(database.workItem)
        }
    }

    package func items(_ query: ItemQuery) async throws -> [WorkItem] {
        try await read { database in
            // The states of few items have indexes, which are used for a state in the text, and when the order does not speak against it.
            let place = query.state == .claimed ? "position" : "+position"
            let rows = try database.rows(
                """
                SELECT * FROM work_items
                WHERE state = '\(query.state.rawValue)' AND (? IS NULL OR agent = ?) AND received_at >= ?
                ORDER BY \(place) \(query.state == .waiting ? "ASC" : "DESC") LIMIT ?
                """,
                [
                    query.agent?.rawValue, query.agent?.rawValue, query.since?.milliseconds ?? 0, max(0, query.limit),
                ]
            )
            return try rows.map(database.workItem)
        }
    }

    package func runs(ofItem id: String) async throws -> [RunRecord] {
        try await read { database in
            try database.rows("SELECT * FROM runs WHERE item_id = ? ORDER BY position DESC", [id])
                .map { try RunRecord(row: $0) }
        }
    }

    package func queueDepths() async throws -> [AgentName: Int] { try await read { try $0.queueDepths() } }

    package func dropped(since: Date) async throws -> OrderedDictionary<String, Int> {
        try await read { database in
            let rows = try database.rows(
                """
                SELECT \(Database.kind(ofReason: "reason")), count(*)
                FROM work_items WHERE state = 'dropped' AND ended_at >= ? GROUP BY 1 ORDER BY 2 DESC, 1
                """,
                [since.milliseconds]
            )
            return OrderedDictionary(uniqueKeysWithValues: rows.map { ($0[0] as String, $0[1] as Int) })
        }
    }

    package func spent(by agent: AgentName?, from: Date, to: Date) async throws -> Double {
        try await read { try $0.spent(by: agent, from: from, to: to) }
    }

    package func locks(at time: Date) async throws -> [LockRecord] {
        try await read { try $0.locks(of: nil, at: time) }
    }

    package func flags() async throws -> SchedulerFlags { try await read { try $0.flags() } }
}
