package import Domain
import GRDB

extension SQLiteStore {
    package func createCall(_ call: NewCall, item: NewWorkItem) async throws -> EnqueueResult {
        let stored = StoredItem(item)
        return try await write { database in
            try database.run(
                "INSERT INTO calls (id, caller, target, state, created_at) VALUES (?, ?, ?, 'pending', ?)",
                [call.id, call.caller.rawValue, call.target.rawValue, call.createdAt.milliseconds]
            )
            return try database.insert(stored)
        }
    }

    package func call(_ id: String, madeBy caller: InstanceID) async throws -> CallRecord? {
        try await read { database in
            let row = try database.row("SELECT * FROM calls WHERE id = ? AND caller = ?", [id, caller.rawValue])
            guard let row else { return nil }
            let state: String = row["state"]
            guard let state = CallState(rawValue: state) else {
                throw StorageError(code: .corrupt, message: "call \(id) has the unknown state \(state)")
            }
            return CallRecord(
                id: id,
                caller: caller,
                target: try StoredTrigger.agent(row["target"], of: "call \(id)"),
                state: state,
                returnValue: row["return_value"],
                errorMessage: row["error_message"]
            )
        }
    }
}
