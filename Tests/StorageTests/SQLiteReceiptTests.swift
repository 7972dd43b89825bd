import Domain
import Foundation
import GRDB
import TestSupport
import Testing

@testable import Storage

@Suite("Deliveries in a SQLite file") struct SQLiteReceiptTests {
    @Test("deliveries of a file from before receipts are found with their bodies")
    func migration() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/state.db"
            let first = "1: deliveries, queue, runs, slots, calls, locks, flags"
            try await makeOldFile(at: path, upTo: first) { database in
                try database.execute(
                    sql: """
                        INSERT INTO deliveries VALUES ('d1', 'd1', 'github', 'a', 'p', 1000, 'issues', 'dispatched',
                            '{"dev":"started"}', '{"x":"y"}', '{"event":"issues","action":"opened"}', x'00FF')
                        """
                )
            }
            let store = try SQLiteStore(path: path)
            let receipt = try #require(try await store.history.receipt("d1"))
            #expect(receipt.summary == "issues opened" && receipt.matched == 1 && receipt.headers == ["x": "y"])
            #expect(try await store.history.body(ofReceipt: "d1") == [0x00, 0xFF])
            #expect(try await store.record(try StoreSamples.delivery("d2", providerID: "p")).isDuplicate == false)
        }
    }

    @Test("bodies older than a week go when all together take more room than they may; their deliveries stay")
    func bodies() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/state.db"
            let day = 86_400.0
            let roomy = try SQLiteStore(path: path)
            for (id, age) in [("old", 0.0), ("new", 8 * day)] {
                _ = try await roomy.record(try StoreSamples.delivery(id, at: age))
            }
            try await roomy.prune(olderThan: StoreSamples.at(-day))
            #expect(try await roomy.history.body(ofReceipt: "old") != nil)
            try roomy.pool.close()
            let store = try SQLiteStore(path: path, roomForBodies: 1)
            try await store.prune(olderThan: StoreSamples.at(-day))
            #expect(try await store.history.body(ofReceipt: "old") == nil)
            #expect(try await store.history.body(ofReceipt: "new") != nil)
            #expect(try await store.history.receipt("old") != nil)
        }
    }

    @Test("a file can be read without writing, beside its scheduler and after it")
    func reading() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/state.db"
            let store = try SQLiteStore(path: path)
            _ = try await store.record(try StoreSamples.delivery("d1"))
            let reader = try #require(try SQLiteHistory.opening(path: path))
            #expect(try await reader.receipt("d1")?.id == "d1")
            try store.pool.close()
            #expect(try await SQLiteHistory.opening(path: path)?.receipt("d1")?.id == "d1")
            #expect(try SQLiteHistory.opening(path: directory + "/missing.db") == nil)
        }
    }
}
