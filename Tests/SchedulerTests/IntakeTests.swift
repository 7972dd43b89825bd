import Domain
import Foundation
import OrderedCollections
import Runtimes
import Storage
import TestSupport
import Testing

@testable import Scheduler

@Suite("From a verified delivery to work", .timeLimit(.minutes(5))) struct IntakeTests {
    @Test("5. only agents whose source hears the delivery start; 7. two entries that match are one run")
    func hearers() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let agents = [
                try agent("one") {
                    $0.webhooks = [.init(source: "a"), .init(source: "a", filters: ["events": ["e1"]])]
                },
                try agent("two") { $0.webhooks = [.init(source: "b")] },
                try agent("all") { $0.webhooks = [.init(source: "c")] },
            ]
            let scheduler = bench.scheduler(agents) { config in
                for name in ["a", "b", "c"] { config.webhooks[name] = WebhookSourceConfig(type: "test") }
            }
            let result = try await scheduler.accept(delivery(1, hearers: ["a", "c"]))
            #expect(result.counts == DeliveryResult(matched: 2, skipped: 0))
            #expect(try await store.waitingItems(of: nil).map(\.agent.rawValue) == ["all", "one"])
            let receipt = try #require(try await store.history.receipts(ReceiptQuery()).receipts.first)
            #expect(receipt.sources == ["a", "c"])
            #expect(receipt.verdicts.map(\.isMatch) == [true, true, true, false])
            #expect(receipt.verdicts.last?.refusal == FilterRefusal(filter: "source", expected: ["b"], found: "a, c"))
        }
    }

    @Test("8. a disabled agent is skipped and a filter that says no is named; the run can be traced by its receipt id")
    func verdicts() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let picky = try agent("picky") { $0.webhooks = [.init(source: "hook", filters: ["events": ["x"]])] }
            let scheduler = bench.scheduler([try agent("dev"), picky, try agent("quiet")])
            try await bench.running(scheduler) {
                try await scheduler.setEnabled(false, agent: "quiet")
                #expect(try await scheduler.accept(delivery(1)).counts == DeliveryResult(matched: 1, skipped: 1))
                let launch = try await bench.launched(1)
                let receipt = try #require(try await store.history.receipts(ReceiptQuery()).receipts.first)
                #expect(receipt.work(of: launch.agent)?.instance == launch)
                let verdicts = try #require(receipt.json["verdicts"]?.arrayValue)
                #expect(verdicts[1].compactText.hasSuffix(#""filter":"event","expected":["x"],"found":"e1"}"#))
                #expect(verdicts[2]["state"] == "skipped" && verdicts[2]["reason"] == "disabled")
                let context = await bench.runtime.launches.first?.context
                #expect(context?["receiptId"]?.stringValue == receipt.id)
                #expect(receipt.context?["receiptId"]?.stringValue == receipt.id)
            }
        }
    }

    @Test("6. the same delivery id many times at once is one run; after its success a duplicate that names it")
    func repetition() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("dev")])
            try await bench.running(scheduler) {
                let results = try await withThrowingTaskGroup(of: DeliveryResult.self) { group in
                    for _ in 0..<8 { group.addTask { try await scheduler.accept(delivery(1)) } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(results.map(\.matched).reduce(0, +) == 1)
                let run = try await bench.launched(1)
                await bench.runtime.finish(run)
                _ = try await bench.ended(run)
                let again = try await scheduler.accept(delivery(1))
                #expect(again.isDuplicate)
                #expect(again.first == [FirstWork(agent: run.agent, instance: run, state: "succeeded")])
            }
            #expect(await bench.runtime.launches.count == 1)
        }
    }

    @Test("6. after a failure the same delivery id starts one new run, only of the agent that failed")
    func redelivery() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("bad"), try agent("good")])
            try await bench.running(scheduler) {
                _ = try await scheduler.accept(delivery(1))
                for number in 1...2 {
                    let run = try await bench.launched(number)
                    await bench.runtime.finish(run, code: run.agent.rawValue == "bad" ? 1 : 0)
                    _ = try await bench.ended(run)
                }
                #expect(try await scheduler.accept(delivery(1)).isRedelivery)
                #expect(try await bench.launched(3).agent.rawValue == "bad")
                #expect(try await scheduler.accept(delivery(1)).isDuplicate)
            }
            #expect(await bench.runtime.launches.count == 3)
        }
    }

    @Test("a replay starts what went well before, only the agent that was asked for, and names its original")
    func replay() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("dev"), try agent("ops")])
            _ = try await scheduler.accept(delivery(1))
            let original = try #require(try await store.history.receipts(ReceiptQuery()).receipts.first)
            var replay = delivery(1)
            replay.id = "replay-1"
            replay.providerDeliveryID = nil
            replay.replay = .init(original: original.id, orderedBy: "api key")
            replay.onlyAgent = try AgentName("ops")
            #expect(await scheduler.verdicts(on: replay).map(\.agent.rawValue) == ["ops"])
            #expect(try await scheduler.accept(replay).counts == DeliveryResult(matched: 1, skipped: 0))
            #expect(try await store.history.receipt("replay-1")?.replayOf == original.id)
            #expect(try await store.waitingItems(of: try AgentName("ops")).count == 2)
            #expect(try await store.waitingItems(of: try AgentName("dev")).count == 1)
        }
    }

    @Test("a replay of an old delivery stands beside what waits in its group, not in its place")
    func replayIntoGroup() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("dev") { ($0.concurrencyKey, $0.debounce) = ("fixed", 30) }])
            _ = try await scheduler.accept(delivery(1))
            _ = try await scheduler.accept(delivery(2))
            let waiting = try await store.waitingItems(of: nil).map(\.id)
            var replay = delivery(1)
            (replay.id, replay.providerDeliveryID) = ("replay-1", nil)
            replay.replay = .init(original: "d1", orderedBy: "api key")
            _ = try await scheduler.accept(replay)
            let items = try await store.waitingItems(of: nil)
            #expect(waiting.count == 1 && items.map(\.id).prefix(1) == waiting[...] && items.count == 2)
            #expect(items.last?.dueAt == nil)
        }
    }

    @Test("12. deliveries that arrive before the images are built run after it")
    func duringBuild() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("dev")])
            #expect(try await scheduler.accept(delivery(1)).matched == 1)
            #expect(await bench.runtime.launches.isEmpty)
            try await bench.running(scheduler) { _ = try await bench.launched(1) }
        }
    }

    @Test("13. of a flood for one busy agent the queue keeps the newest; every other delivery is recorded as dropped")
    func flood() async throws {
        try await withScheduler(of: [try agent("dev") { $0.workQueueSize = 50 }]) { bench, scheduler in
            _ = try await scheduler.accept(delivery(0))
            _ = try await bench.launched(1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...600 { group.addTask { _ = try await scheduler.accept(delivery(number)) } }
                try await group.waitForAll()
            }
            let receipts = try await bench.store.history.receipts(ReceiptQuery(limit: 1000)).receipts
            let states = receipts.map { $0.work.first?.state }
            #expect(states.count == 601 && states.count { $0 == "waiting" } == 50)
            // Newest first: what waits, then what had to go, then the run.
            #expect(states.prefix(50).allSatisfy { $0 == "waiting" })
            #expect(states.dropFirst(50).dropLast().allSatisfy { $0 == "dropped" })
            #expect(receipts[60].work.first?.reason == "queue full")
        }
    }

    @Test("a refused delivery is kept without starting anything; a stopping scheduler takes none")
    func refusals() async throws {
        try await withScheduler { bench, scheduler in
            await scheduler.reject(
                RejectedDelivery(
                    id: "r1",
                    type: "github",
                    source: nil,
                    reason: "signature validation failed",
                    receivedAt: bench.time.date,
                    headers: [:],
                    bodyBytes: 2
                )
            )
            #expect(try await bench.store.history.receipt("r1")?.status == .rejected)
            _ = try await scheduler.accept(delivery(1))
            _ = try await bench.launched(1)
            _ = try await scheduler.stop(StopOrder())
            await #expect(throws: RefusalError(code: .stopping, reason: "scheduler is stopping")) {
                try await scheduler.accept(delivery(2))
            }
        }
    }
}

extension Launch {
    /// The context of the webhook that started it.
    fileprivate var context: JSONValue? { if case .webhook(let facts) = trigger { facts.context } else { nil } }
}
