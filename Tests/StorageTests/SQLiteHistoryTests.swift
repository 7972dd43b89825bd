import Domain
import Foundation
import GRDB
import Testing
import TestSupport

@testable import Storage

@Suite("History in SQLite")
struct SQLiteHistoryTests {
    @Test("a state file is read without a scheduler and without changing it")
    func readOnly() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/state.db"
            #expect(try SQLiteHistory.opening(path: path) == nil)
            do {
                let store = try SQLiteStore(path: path)
                _ = try await store.startDirect(try StoreSamples.run("dev", 1))
                try await store.setPaused(since: StoreSamples.at(0))
            }
            let before = try Data(contentsOf: URL(filePath: path))
            let history = try #require(try SQLiteHistory.opening(path: path))
            #expect(try await history.runs(RunQuery()).runs.count == 1)
            #expect(try await history.flags().isPaused)
            #expect(try Data(contentsOf: URL(filePath: path)) == before)
        }
    }

    @Test("a file of another kind is refused by name")
    func foreignFile() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/state.db"
            try Data("no database at all".utf8).write(to: URL(filePath: path))
            let error = #expect(throws: StorageError.self) { try SQLiteHistory.opening(path: path) }
            #expect(error?.code == .corrupt)
            #expect(error?.message.contains(path) == true)
        }
    }

    @Test("rows without an end are named by the audit")
    func unbalanced() async throws {
        try await withTemporaryStore { store in
            try await store.fire(try StoreSamples.run("dev", 1), at: StoreSamples.at(60))
            _ = try await store.record(try StoreSamples.delivery("d1", agents: ["dev", "ops"]))
            let order = try StoreSamples.call("c1", from: try StoreSamples.instance("dev", 1), to: "ops")
            _ = try await store.createCall(order.call, item: order.item)
            #expect(try await store.history.audit(since: StoreSamples.at(-1)).isBalanced)
            try await store.pool.write { database in
                try database.execute(sql: "DELETE FROM runs; DELETE FROM work_items WHERE agent = 'ops'")
            }
            let audit = try await store.history.audit(since: StoreSamples.at(-1))
            #expect(!audit.isBalanced)
            #expect(audit.open.map(\.kind) == ["slot", "delivery", "call"])
            #expect(audit.open.map(\.name) == ["dev 2027-01-15 08:01", "d1 for ops", "c1 to ops"])
            #expect(audit.deliveries.counted == 1 && audit.deliveries.total == 2)
        }
    }

    @Test(
        "quantiles are values that occurred",
        arguments: [
            ([], 0.5, nil), ([7], 0.95, 7), ([1, 2], 0.5, 1), ([1, 2, 3], 0.5, 2), (Array(1...100), 0.95, 95),
        ] as [([Int], Double, Int?)]
    )
    func quantiles(values: [Int], share: Double, expected: Int?) {
        #expect(Quantile.value(of: values, share: share) == expected)
    }
}
