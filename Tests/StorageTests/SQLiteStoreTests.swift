import Domain
import Foundation
import GRDB
import TestSupport
import Testing

@testable import Storage

@Suite("SQLite store")
struct SQLiteStoreTests {
    @Test("SQLite keeps every promise of a store", arguments: StoreConformance.all)
    func conforms(_ promise: StoreConformance) async throws {
        try await withTemporaryStore { try await promise.check($0) }
    }

    @Test("commits reach the disk before they are answered: WAL with full synchronisation and foreign keys")
    func pragmas() async throws {
        try await withTemporaryStore { store in
            let pragmas = try await store.pool.writeWithoutTransaction { database in
                try ["journal_mode", "synchronous", "foreign_keys", "application_id"].map {
                    try String.fetchOne(database, sql: "PRAGMA \($0)")
                }
            }
            #expect(pragmas == ["wal", "2", "1", "\(Schema.applicationID)"])
        }
    }

    @Test("directory, file and log are for their owner only, also where an earlier version left the file open")
    func modes() async throws {
        try await withTemporaryDirectory { directory in
            let state = directory + "/project/.al"
            func mode(_ path: String) throws -> Int? {
                try FileManager.default.attributesOfItem(atPath: state + path)[.posixPermissions] as? Int
            }
            try SQLiteStore(path: state + "/state.db").pool.close()
            #expect(try mode("") == 0o700)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: state + "/state.db")
            let store = try SQLiteStore(path: state + "/state.db")
            _ = try await store.enqueue(try StoreSamples.item("dev", "one"))
            for file in ["", "-wal", "-shm"] { #expect(try mode("/state.db" + file) == 0o600) }
        }
    }

    @Test("state is there again after closing and opening")
    func reopening() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/state.db"
            let store = try SQLiteStore(path: path)
            _ = try await store.enqueue(try StoreSamples.item("dev", "one"))
            try store.pool.close()
            let again = try SQLiteStore(path: path)
            #expect(try await again.waitingItems(of: nil).map(\.id) == ["one"])
            #expect(again.movedForeignFile == nil)
        }
    }

    @Test("acknowledged changes survive a crash: the files, copied while open, hold all of them")
    func crash() async throws {
        try await withTemporaryDirectory { directory in
            let store = try SQLiteStore(path: directory + "/state.db")
            for round in 1...5 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 1...10 {
                        group.addTask {
                            _ = try await store.record(try StoreSamples.delivery("d\(round)-\(number)", limit: 1000))
                        }
                    }
                    try await group.waitForAll()
                }
                let copy = directory + "/copy\(round).db"
                for suffix in ["", "-wal"] {
                    try FileManager.default.copyItem(atPath: directory + "/state.db" + suffix, toPath: copy + suffix)
                }
                #expect(try await SQLiteStore(path: copy).waitingItems(of: nil).count == round * 10)
            }
        }
    }

    @Test("a change cut off in the middle of the log is undone as a whole")
    func tornLog() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/state.db"
            let store = try SQLiteStore(path: path)
            _ = try await store.record(try StoreSamples.delivery("d1", agents: ["dev", "ops"]))
            let before = try Data(contentsOf: URL(filePath: path + "-wal")).count
            _ = try await store.record(try StoreSamples.delivery("d2", agents: ["dev", "ops"]))
            let log = try Data(contentsOf: URL(filePath: path + "-wal"))
            let copy = directory + "/copy.db"
            try FileManager.default.copyItem(atPath: path, toPath: copy)
            try log.prefix((before + log.count) / 2).write(to: URL(filePath: copy + "-wal"))
            #expect(try await SQLiteStore(path: copy).waitingItems(of: nil).map(\.id) == ["d1-dev", "d1-ops"])
        }
    }

    @Test("a state.db of Action Llama 0.13 is moved aside")
    func foreignFile() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/state.db"
            let old = try DatabaseQueue(path: path)
            try await old.write { try $0.execute(sql: "CREATE TABLE state (ns TEXT, key TEXT, value TEXT)") }
            try old.close()
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            let store = try SQLiteStore(path: path)
            #expect(store.movedForeignFile == path + ".0.13")
            for suffix in ["", "-wal", "-shm"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: path + suffix)
                #expect(attributes[.posixPermissions] as? Int == 0o600)
            }
            #expect(FileManager.default.fileExists(atPath: path + ".0.13"))
            #expect(try await store.waitingItems(of: nil).isEmpty)
        }
    }

    @Test("a file that is no database is named in the error")
    func noDatabase() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/state.db"
            try Data(repeating: 65, count: 4096).write(to: URL(filePath: path))
            let error = #expect(throws: StorageError.self) { try SQLiteStore(path: path) }
            #expect(error?.code == .corrupt)
            #expect(error?.message.contains(path) == true)
        }
    }

    @Test("runs that an earlier version left running count as having had the keys of their models")
    func olderRuns() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/state.db"
            try await makeOldFile(at: path, upTo: "8: contexts beside the bodies") { database in
                for (id, state) in [("00000001", "running"), ("00000002", "starting")] {
                    try database.execute(
                        sql: """
                            INSERT INTO runs (id, agent, secret, trigger, state, rerun, config_hash, timeout, queued_at,
                                started_at)
                            VALUES (?, 'dev', 's', '{"type":"schedule"}', ?, 0, 'h', 60, 0, 0)
                            """,
                        arguments: [id, state]
                    )
                }
            }
            let runs = try await SQLiteStore(path: path).openRuns()
            #expect(runs.map(\.hasFetchedModelKeys) == [true, false])
        }
    }

    @Test("a file written by a newer al is refused, not changed")
    func newerSchema() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/state.db"
            let store = try SQLiteStore(path: path)
            try await store.pool.write {
                try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99: from the future')")
            }
            try store.pool.close()
            let error = #expect(throws: StorageError.self) { try SQLiteStore(path: path) }
            #expect(error?.code == .cannotOpen)
        }
    }

    @Test("locks on keys with a zero exclude each other")
    func zeroKeys() async throws {
        try await withTemporaryDirectory { directory in
            let store = try SQLiteStore(path: directory + "/state.db")
            let time = StoreSamples.at(0)
            let (one, two) = (try StoreSamples.instance("dev", 1), try StoreSamples.instance("dev", 2))
            _ = try await store.acquireLock("a\0b", holder: one, ttl: .seconds(60), at: time)
            let answer = try await store.acquireLock("a\0b", holder: two, ttl: .seconds(60), at: time)
            #expect(answer == .heldByOther(one, since: time))
        }
    }

    @Test("what waits in a file of the version before is counted on: new items, claims, items put back and dropped")
    func countedOn() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/state.db"
            try await makeOldFile(at: path, upTo: "5: compressed bodies") { database in
                for id in ["one", "two"] {
                    try database.execute(
                        sql: """
                            INSERT INTO work_items (id, agent, trigger, received_at, state, kind)
                            VALUES (?, 'dev', '{"type":"manual"}', 0, 'waiting', 'manual')
                            """,
                        arguments: [id]
                    )
                }
            }

            let store = try SQLiteStore(path: path)
            let agent = try StoreSamples.agent("dev")
            #expect(try await store.queueDepths() == [agent: 2])
            var third = try StoreSamples.item("dev", "three", limit: 3)
            third.group = "g"
            #expect(try await store.enqueue(third).depth == 3)
            let run = try StoreSamples.run("dev", 1)
            #expect(try await store.claimNext(of: agent, as: run, rule: .any).run?.itemID == "one")
            #expect(try await store.queueDepths() == [agent: 2])
            try await store.requeue(run.instance.run, endingAs: .lost, reason: "gone", at: StoreSamples.at(1))
            #expect(try await store.queueDepths() == [agent: 3])
            var fourth = try StoreSamples.item("dev", "four", limit: 3)
            fourth.group = "g"
            let superseding = try await store.enqueue(fourth)
            #expect(superseding.superseded.map(\.id) == ["three"] && superseding.depth == 3)
            let full = try await store.enqueue(try StoreSamples.item("dev", "five", limit: 3))
            #expect(full.dropped?.id == "one" && full.depth == 3)
            #expect(try await store.waitingItems(of: agent).map(\.id) == ["two", "four", "five"])
            #expect(try await store.queueDepths() == [agent: 3])
            #expect(try await store.dropWaiting(of: agent, reason: "removed", at: StoreSamples.at(2)) == 3)
            #expect(try await store.queueDepths().isEmpty)
        }
    }

    @Test("a full disk fails the write, shows as a problem, and is forgotten when there is space again")
    func fullDisk() async throws {
        try await withTemporaryStore { store in
            _ = try await store.enqueue(try StoreSamples.item("dev", "one"))
            #expect(await store.problem() == nil)
            try await store.limitPages("(SELECT page_count FROM pragma_page_count)")
            var delivery = try StoreSamples.delivery("d1", agents: ["dev"])
            var noise = SeededGenerator(state: 7)
            delivery.body = (0..<200_000).map { _ in UInt8.random(in: 0...255, using: &noise) }
            let big = delivery
            let error = await #expect(throws: StorageError.self) { try await store.record(big) }
            #expect(error?.code == .cannotWrite)
            #expect(await store.problem()?.contains("full") == true || error?.message.contains("full") == true)
            #expect(await store.problem()?.contains("/") != true)
            #expect(try await store.waitingItems(of: nil).map(\.id) == ["one"])
            try await store.limitPages("1000000")
            #expect(await store.problem() == nil)
            #expect(try await store.record(big).matched == 1)
        }
    }

    @Test("every change of a run's state is recorded with its time")
    func transitions() async throws {
        try await withTemporaryStore { store in
            let new = try StoreSamples.run("dev", 1)
            _ = try await store.startDirect(new)
            try await store.setRunning(new.instance.run, at: StoreSamples.at(1))
            try await store.setRunning(new.instance.run, at: StoreSamples.at(2))
            _ = try await store.end(new.instance.run, with: .init(state: .timedOut), at: StoreSamples.at(3))
            _ = try await store.end(new.instance.run, with: .init(state: .killed), at: StoreSamples.at(4))
            let rows = try await store.pool.read { database in
                try Row.fetchAll(database, sql: "SELECT * FROM run_transitions ORDER BY rowid").map { row in
                    "\(row["old_state"] as String? ?? "-") \(row["new_state"] as String) \(row["at"] as Int64)"
                }
            }
            let start = StoreSamples.start.milliseconds
            #expect(
                rows == [
                    "- starting \(start)", "starting running \(start + 1000)", "running timedOut \(start + 3000)",
                ]
            )
        }
    }
}

extension SQLiteStore {
    /// Makes the file unable to grow beyond a number of pages, as on a full disk.
    fileprivate func limitPages(_ count: String) async throws {
        try await pool.writeWithoutTransaction { database in
            let limit = try Int.fetchOne(database, sql: "SELECT \(count)") ?? 0
            try database.execute(sql: "PRAGMA max_page_count = \(limit)")
        }
    }
}
