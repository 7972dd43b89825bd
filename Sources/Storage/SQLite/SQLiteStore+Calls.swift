package import Domain
import FoundationEssentials
import GRDB

extension SQLiteStore {
    package func createCall(_ call: NewCall, item: NewWorkItem) async throws -> EnqueueResult {
        let stored = StoredItem(item)
        return try await write { database in
            try database.run(
                "INSERT INTO calls (id, caller, target, depth, state, created_at) VALUES (?, ?, ?, ?, 'pending', ?)",
                [call.id, call.caller.rawValue, call.target.rawValue, call.depth, call.createdAt.milliseconds]
            )
            return try database.insert(stored)
        }
    }

    package func call(_ id: String, madeBy caller: InstanceID) async throws -> CallRecord? {
        try await read { database in
            try database.row("SELECT * FROM calls WHERE id = ? AND caller = ?", [id, caller.rawValue])
                .map { try CallRecord(row: $0) }
        }
    }
}

extension CallRecord {
    /// Reads a row of `calls`.
    init(row: Row) throws {
        let id: String = row["id"]
        let state: String = row["state"]
        let caller: String = row["caller"]
        guard let state = CallState(rawValue: state), let caller = InstanceID(caller) else {
            throw StorageError(
                code: .corrupt,
                message: "call \(id) has an unreadable caller or state: \(caller), \(state)"
            )
        }
        self.init(
            id: id,
            caller: caller,
            target: try StoredTrigger.agent(row["target"], of: "call \(id)"),
            callee: (row["callee"] as String?).flatMap { InstanceID($0) },
            depth: row["depth"],
            state: state,
            createdAt: Date(milliseconds: row["created_at"]),
            endedAt: (row["ended_at"] as Int64?).map(Date.init(milliseconds:)),
            returnValue: row["return_value"],
            isReturnValueCut: row["return_value_cut"],
            errorMessage: row["error_message"]
        )
    }
}
