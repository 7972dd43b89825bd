package import Domain
package import FoundationEssentials
import GRDB

extension SQLiteStore {
    package func acquireLock(
        _ key: String,
        holder: InstanceID,
        ttl: Duration,
        at time: Date
    ) async throws -> LockAnswer {
        try await write { database in
            let live = try database.liveLock(key, at: time)
            if let live, live.holder != holder { return .heldByOther(live.holder, since: live.heldSince) }
            if let other = try database.otherLock(of: holder, than: key, at: time) { return .holdsAnother(key: other) }
            let expiry = time.adding(ttl)
            try database.run(
                "INSERT OR REPLACE INTO locks (key, holder, held_since, expires_at) VALUES (?, ?, ?, ?)",
                [key, holder.rawValue, (live?.heldSince ?? time).milliseconds, expiry.milliseconds]
            )
            return .ok(expiresAt: expiry)
        }
    }

    package func heartbeatLock(
        _ key: String,
        holder: InstanceID,
        ttl: Duration,
        at time: Date
    ) async throws -> LockAnswer {
        try await write { database in
            guard let live = try database.liveLock(key, at: time) else { return .notFound }
            guard live.holder == holder else { return .heldByOther(live.holder, since: live.heldSince) }
            let expiry = time.adding(ttl)
            try database.run("UPDATE locks SET expires_at = ? WHERE key = ?", [expiry.milliseconds, key])
            return .ok(expiresAt: expiry)
        }
    }

    package func releaseLock(_ key: String, holder: InstanceID, at time: Date) async throws -> LockAnswer {
        try await write { database in
            guard let live = try database.liveLock(key, at: time) else { return .notFound }
            guard live.holder == holder else { return .heldByOther(live.holder, since: live.heldSince) }
            try database.run("DELETE FROM locks WHERE key = ?", [key])
            return .ok(expiresAt: live.expiresAt)
        }
    }

    package func sweepLocks(at time: Date, keeping others: Set<InstanceID>) async throws -> Int {
        try await write { database in
            let marks = repeatElement("?", count: others.count).joined(separator: ", ")
            let stale = """
                expires_at <= ? OR holder NOT IN (\(marks)) AND holder NOT IN
                    (SELECT agent || '-' || id FROM runs WHERE state IN ('starting', 'running'))
                """
            let arguments: [any StatementArgument] = [time.milliseconds] + others.map(\.rawValue)
            // Most sweeps find nothing; those shall not make the disk turn.
            let found: Int? = try database.value("SELECT 1 FROM locks WHERE \(stale) LIMIT 1", arguments)
            guard found != nil else { return 0 }
            try database.run("DELETE FROM locks WHERE \(stale)", arguments)
            return database.changesCount
        }
    }

    package func locks(of holder: InstanceID?, at time: Date) async throws -> [LockRecord] {
        try await read { try $0.locks(of: holder, at: time) }
    }
}

extension Database {
    /// Live locks, of one holder or all.
    func locks(of holder: InstanceID?, at time: Date) throws -> [LockRecord] {
        let holder = holder?.rawValue
        let rows = try rows(
            "SELECT * FROM locks WHERE expires_at > ? AND (? IS NULL OR holder = ?) ORDER BY held_since, key",
            [time.milliseconds, holder, holder]
        )
        return try rows.map { try LockRecord(row: $0) }
    }

    /// The lock on a key, unless it has expired.
    fileprivate func liveLock(_ key: String, at time: Date) throws -> LockRecord? {
        try row("SELECT * FROM locks WHERE key = ? AND expires_at > ?", [key, time.milliseconds])
            .map { try LockRecord(row: $0) }
    }

    /// The key of another live lock of a holder; its expired ones are deleted.
    fileprivate func otherLock(of holder: InstanceID, than key: String, at time: Date) throws -> String? {
        try run("DELETE FROM locks WHERE holder = ? AND expires_at <= ?", [holder.rawValue, time.milliseconds])
        return try value("SELECT key FROM locks WHERE holder = ? AND key <> ? LIMIT 1", [holder.rawValue, key])
    }
}

extension LockRecord {
    fileprivate init(row: Row) throws {
        let key: String = row["key"]
        let holder: String = row["holder"]
        guard let holder = InstanceID(holder) else {
            throw StorageError(code: .corrupt, message: "the lock on \(key) has the unreadable holder \(holder)")
        }
        self.init(
            key: key,
            holder: holder,
            heldSince: Date(milliseconds: row["held_since"]),
            expiresAt: Date(milliseconds: row["expires_at"])
        )
    }
}

extension Date {
    fileprivate func adding(_ duration: Duration) -> Date {
        let parts = duration.components
        return addingTimeInterval(Double(parts.seconds) + Double(parts.attoseconds) / 1e18)
    }
}
