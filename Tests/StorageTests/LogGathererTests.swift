import Domain
import FoundationEssentials
import GRDB
import TestSupport
import Testing

@testable import Storage

@Suite("Gathered writes to SQLite's log")
struct LogGathererTests {
    /// More than one write of the gatherer holds, and pages whose number does not divide it.
    private static let prompt = String(repeating: "twenty kilobytes ", count: 1200)

    @Test("whoever is told that a change is stored finds it in the files, as after a kill")
    func inTheFiles() async throws {
        try await withTemporaryStore { store in
            // Fewer than are moved from the log into the main file, which would be copied in the middle of it.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...30 {
                    group.addTask { _ = try await store.enqueue(try item("i\(number)")) }
                }
                try await group.waitForAll()
            }
            try await withTemporaryDirectory { directory in
                for suffix in ["", "-wal"] {
                    try FileManager.default.copyItem(
                        atPath: store.pool.path + suffix,
                        toPath: "\(directory)/state.db\(suffix)"
                    )
                }
                let copy = try SQLiteStore(path: "\(directory)/state.db")
                let items = try await copy.waitingItems(of: nil)
                #expect(items.count == 30)
                #expect(items.allSatisfy { $0.trigger == .manual(prompt: Self.prompt) })
            }
        }
    }

    @Test("a change too large for SQLite's cache reads what it wrote, and taken back it leaves nothing")
    func spilled() async throws {
        struct Refused: Error {}
        try await withTemporaryStore { store in
            let fill = "INSERT INTO flags (name, agent) VALUES ('large', hex(zeroblob(4000000)))"
            await #expect(throws: (any Error).self) {
                try await store.write { database in
                    try database.run(fill)
                    let length: Int? = try database.value("SELECT length(agent) FROM flags")
                    #expect(length == 8_000_000)
                    throw Refused()
                }
            }
            _ = try await store.enqueue(try item("after"))
            let flags: Int? = try await store.read { try $0.value("SELECT count(*) FROM flags") }
            #expect(flags == 0)
            try await store.write { try $0.run(fill) }
            let length: Int? = try await store.read { try $0.value("SELECT length(agent) FROM flags") }
            #expect(length == 8_000_000)
            let check: String? = try await store.read { try $0.value("PRAGMA integrity_check") }
            #expect(check == "ok")
            let waiting = try await store.waitingItems(of: nil)
            #expect(waiting.map(\.id) == ["after"])
        }
    }

    private func item(_ id: String) throws -> NewWorkItem {
        var item = try StoreSamples.item("dev", id)
        item.trigger = .manual(prompt: Self.prompt)
        return item
    }
}
