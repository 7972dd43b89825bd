import FoundationEssentials
import GRDB

/// The `state.db` of Action Llama 0.13, which has the same name and other tables.
enum ForeignStateFile {
    /// Renames it to `state.db.0.13`, together with its `-wal` and `-shm` files.
    ///
    /// - Returns: The new path; `nil` when the file is ours, has no tables yet, or does not exist.
    static func moveAway(_ path: String) throws -> String? {
        let files = FileManager.default
        guard files.fileExists(atPath: path), try isForeign(path) else { return nil }
        let target = path + ".0.13"
        for suffix in ["-wal", "-shm", ""] where files.fileExists(atPath: path + suffix) {
            if files.fileExists(atPath: target + suffix) { try files.removeItem(atPath: target + suffix) }
            try files.moveItem(atPath: path + suffix, toPath: target + suffix)
        }
        return target
    }

    private static func isForeign(_ path: String) throws -> Bool {
        var configuration = Configuration()
        // Whoever closes it at this moment holds it for as long as that takes.
        configuration.busyMode = .timeout(5)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? queue.close() }  // Nothing was written; a close that fails loses nothing.
        return try queue.read { database in
            let id = try Int.fetchOne(database, sql: "PRAGMA application_id")
            return try id != Schema.applicationID && database.tableExists("state")
        }
    }
}
