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

    @Test("what a file of an earlier version has of a provider's delivery still makes the next one a repetition")
    func rememberedDeliveries() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/state.db"
            try await makeOldFile(at: path, upTo: "6: who inserts an item counts it") { database in
                for (id, time) in [("first", 1000), ("second", 2000)] {
                    try database.execute(
                        sql: """
                            INSERT INTO deliveries (id, first_id, type, matched_instance, provider_id, received_at, event,
                                status, decisions, headers, body_bytes)
                            VALUES (?, 'first', 'github', 'default', 'p', ?, 'issues', 'dispatched', '{}', '{}', 0)
                            """,
                        arguments: [id, time]
                    )
                }
            }
            let store = try SQLiteStore(path: path)
            let week = 7 * 86_400.0
            for (id, instance, age, isRepetition) in [
                ("elsewhere", "other", 3, false), ("third", "default", 3, true), ("late", "default", 1.5 + week, false),
            ] {
                let delivery = try StoreSamples.delivery(
                    id,
                    providerID: "p",
                    instance: instance,
                    at: age - StoreSamples.at(0).timeIntervalSince1970
                )
                _ = try await store.record(delivery)
                let receipt = try #require(try await store.history.receipt(id))
                #expect(receipt.firstID == (isRepetition ? "first" : id))
            }
        }
    }

    @Test("contexts of a file from before they stood beside the bodies are found, in items, runs and deliveries")
    func earlierContexts() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/state.db"
            try await makeOldFile(at: path, upTo: "6: who inserts an item counts it") { database in
                try database.execute(
                    sql: """
                        INSERT INTO deliveries (position, id, first_id, type, matched_instance, received_at, event, status,
                            decisions, headers, context, body_bytes)
                        VALUES (1, 'd1', 'd1', 'github', 'a', 1000, 'issues', 'dispatched', '{"dev":"started"}', '{}', NULL, 2),
                            (2, 'd2', 'd2', 'github', 'a', 1000, 'push', 'unmatched', '{}', '{}', '{"event":"push"}', 2);
                        INSERT INTO delivery_bodies VALUES (1, '{}', 0), (2, '{}', 0);
                        INSERT INTO work_items (id, agent, trigger, received_at, state, origin, kind)
                        VALUES ('i1', 'dev', '{"type":"webhook","deliveryId":"d1","source":"github","event":"issues",\
                        "context":{"event":"issues","number":7}}', 1000, 'waiting', 'd1', 'webhook');
                        INSERT INTO queue_depths VALUES ('dev', 1);
                        """
                )
            }
            let store = try SQLiteStore(path: path)
            let context: JSONValue = ["event": "issues", "number": 7]
            #expect(try await store.history.receipt("d1")?.context == context)
            #expect(try await store.history.receipt("d2")?.context == ["event": "push"])
            #expect(try await store.history.body(ofReceipt: "d2") == Array("{}".utf8))
            let new = try StoreSamples.run("dev", 1)
            let run = try await store.claimNext(of: new.instance.agent, as: new, rule: .any).run
            #expect(run?.trigger.json["context"] == context)
        }
    }

    @Test("bodies older than a week go when all together take more room than they may; their deliveries and runs stay")
    func bodies() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/state.db"
            let day = 86_400.0
            let roomy = try SQLiteStore(path: path)
            for (id, agent, age) in [("old", "dev", 0.0), ("waiting", "ops", 0), ("new", "dev", 8 * day)] {
                _ = try await roomy.record(try StoreSamples.delivery(id, agents: [agent], at: age))
            }
            let run = try StoreSamples.run("dev", 1)
            let claimed = try await roomy.claimNext(of: run.instance.agent, as: run, rule: .any).run
            #expect(claimed?.itemID == "old-dev")
            try await roomy.prune(olderThan: StoreSamples.at(-day))
            #expect(try await roomy.history.body(ofReceipt: "old") != nil)
            try roomy.pool.close()
            let store = try SQLiteStore(path: path, roomForBodies: 1)
            try await store.prune(olderThan: StoreSamples.at(-day))
            #expect(try await store.history.body(ofReceipt: "old") == nil)
            #expect(try await store.history.body(ofReceipt: "new") != nil)
            #expect(try await store.history.receipt("old")?.context == nil)
            #expect(try await store.history.item("old-dev")?.state == .claimed)
            #expect(try await store.run(run.instance.run)?.trigger == claimed?.trigger)
            // What waits needs its context.
            let context = try StoreSamples.delivery("waiting").context
            #expect(
                try await store.waitingItems(of: try StoreSamples.agent("ops")).map { $0.trigger.json["context"] } == [
                    context
                ]
            )
        }
    }

    @Test("an item that is put back after its body went has its context")
    func returnedItem() async throws {
        try await withTemporaryDirectory { directory in
            let week = 7 * 86_400.0
            let store = try SQLiteStore(path: directory + "/state.db", roomForBodies: 1)
            let old = try StoreSamples.delivery("old", agents: ["dev"])
            _ = try await store.record(old)
            _ = try await store.record(try StoreSamples.delivery("new", agents: ["ops"], at: week + 1))
            let run = try StoreSamples.run("dev", 1)
            _ = try await store.claimNext(of: run.instance.agent, as: run, rule: .any)
            try await store.prune(olderThan: StoreSamples.at(-week))
            let time = StoreSamples.at(week + 2)
            try await store.requeue(run.instance.run, endingAs: .lost, reason: "agent run lost", at: time)
            let again = try StoreSamples.run("dev", 2)
            let claimed = try await store.claimNext(of: again.instance.agent, as: again, rule: .any).run
            #expect(claimed?.trigger.json["context"] == old.context)
        }
    }

    @Test("an item whose context is damaged is dropped and said to be; what waits behind it runs, lists show the rest")
    func damaged() async throws {
        try await withTemporaryDirectory { directory in
            let store = try SQLiteStore(path: directory + "/state.db")
            for id in ["d1", "d2"] { _ = try await store.record(try StoreSamples.delivery(id)) }
            try await store.pool.write {
                try $0.execute(sql: "UPDATE delivery_bodies SET body = x'00' WHERE position = 1")
            }
            #expect(try await store.waitingItems(of: nil).map(\.id) == ["d1-dev", "d2-dev"])
            let run = try StoreSamples.run("dev", 1)
            let claim = try await store.claimNext(of: run.instance.agent, as: run, rule: .any)
            #expect(claim.run?.itemID == "d2-dev")
            let reason = "the body of delivery d1 is damaged"
            #expect(
                claim.dropped == [
                    DroppedItem(id: "d1-dev", agent: run.instance.agent, deliveryID: "d1", reason: reason)
                ]
            )
            let dropped = try #require(try await store.history.item("d1-dev"))
            #expect(dropped.state == .dropped && dropped.reason == reason)
            #expect(
                try await store.history.receipts(ReceiptQuery()).receipts.map(\.context) == [
                    try StoreSamples.delivery("d2").context, nil,
                ]
            )
            await #expect(throws: StorageError.self) { try await store.history.body(ofReceipt: "d1") }
            #expect(try await store.queueDepths().isEmpty)
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
