import CSQLite
import Domain
import FoundationEssentials
import GRDB

/// Durable state in one SQLite file.
///
/// Writes go through one connection and share commits (`synchronous = FULL`: an answered change is on disk); reads have
/// connections of their own and never wait for a write.
package final class SQLiteStore: Store {
    /// Where a `state.db` of Action Llama 0.13 was moved to because it stood in the way; `nil` when there was none.
    package let movedForeignFile: String?

    let pool: DatabasePool
    let writer: GroupCommit
    /// Bytes that bodies of deliveries may take as stored, before old ones are dropped.
    let roomForBodies: Int64

    /// Opens the file, after creating it (mode 0600), its directory (0700) or missing tables where necessary.
    ///
    /// - Parameters:
    ///   - path: Absolute path of `state.db`.
    ///   - roomForBodies: bytes that bodies of deliveries may take as stored, before old ones are dropped.
    /// - Throws: ``StorageError``.
    package init(path: String, roomForBodies: Int64 = 1 << 30) throws {
        self.roomForBodies = roomForBodies
        leave_memory_uncounted()
        do {
            try Self.createDirectory(of: path)
            try Self.closeToOthers(path)
            movedForeignFile = try ForeignStateFile.moveAway(path)
            if movedForeignFile != nil { try Self.closeToOthers(path) }
            pool = try Self.open(path)
            writer = GroupCommit(pool: pool, checkpointer: try Checkpointer(path: path))
        } catch let error as StorageError {
            throw error
        } catch let error as DatabaseError where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode) {
            throw StorageError(writing: error, path: path)
        } catch {
            throw StorageError(code: .cannotOpen, message: "cannot open \(path): \(error)")
        }
    }

    private static func createDirectory(of path: String) throws {
        let directory = URL(filePath: path).deletingLastPathComponent().path
        guard !FileManager.default.fileExists(atPath: directory) else { return }
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    /// Gives the file mode 0600, which a log and its index that are made later take over (`findCreateFileMode` of SQLite).
    private static func closeToOthers(_ path: String) throws {
        let files = FileManager.default
        let mode: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        if !files.fileExists(atPath: path), !files.createFile(atPath: path, contents: nil, attributes: mode) {
            throw StorageError(code: .cannotOpen, message: "cannot create \(path)")
        }
        for suffix in ["", "-wal", "-shm"] {
            let found = try? files.attributesOfItem(atPath: path + suffix)[.posixPermissions] as? Int
            // What belongs to somebody else stays as they have it.
            if let found, found & 0o077 != 0 { try? files.setAttributes(mode, ofItemAtPath: path + suffix) }
        }
    }

    private static func open(_ path: String) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(5)
        let pool = try DatabasePool(path: path, configuration: configuration)
        // The pool sets NORMAL when it switches to WAL, after every hook of the configuration.
        // The checkpointer moves the log; should it fall behind, a commit does at 80 MB.
        try pool.writeWithoutTransaction {
            try $0.execute(
                sql: "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 20000; PRAGMA temp_store = MEMORY"
            )
        }
        let migrator = Schema.migrator
        guard try pool.read(migrator.hasBeenSuperseded) == false else {
            throw StorageError(
                code: .cannotOpen,
                message: "cannot open \(path): a newer al wrote it; update al, or move the file away to start empty"
            )
        }
        try migrator.migrate(pool)
        try pool.writeWithoutTransaction(LogGatherer.install)
        return pool
    }

    package var history: any History { SQLiteHistory(reader: pool) }

    /// Makes a change; returns when it is on disk.
    func write<Value: Sendable>(_ change: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await writer.write(change)
    }

    /// Reads the last committed state.
    func read<Value: Sendable>(_ query: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await pool.read(query)
        } catch let error as DatabaseError {
            throw StorageError(reading: error, of: pool.path)
        }
    }

    package func problem() async -> String? {
        guard writer.problem != nil else { return nil }
        do {
            // The trouble may be over without anybody having written since. A few bytes would fit where a failed write made
            // room in the log; what a delivery takes does not. In one transaction the pages would be freed unwritten.
            try await write { database in
                try database.run("INSERT OR REPLACE INTO flags (name, agent) VALUES ('probe', hex(zeroblob(32768)))")
            }
            try await write { try $0.run("DELETE FROM flags WHERE name = 'probe'") }
            return nil
        } catch {
            return writer.problem ?? "writing failed"
        }
    }
}
