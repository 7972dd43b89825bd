import Domain
import Foundation
import Runtimes
import Storage
import TestSupport
import Testing

@testable import Scheduler

@Suite("Policies of the work queue")
struct QueuePolicyTests {
    /// A delivery about a pull request.
    private func delivery(_ number: Int, about request: Int?) -> VerifiedDelivery {
        var delivery = SchedulerTests.delivery(number)
        delivery.context = request.map { ["repo": "acme/app", "number": .int($0), "n": .int(number)] } ?? [:]
        return delivery
    }

    @Test("overflow = reject: webhook, call and manual order are refused, and nothing is stored or dropped")
    func reject() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev") {
                $0.workQueueSize = 1
                $0.overflow = .reject
            }
            let scheduler = bench.scheduler([dev, try agent("other") { $0.webhooks = [] }, try agent("third")])
            let full = RefusalError(code: .conflict, reason: "queue of agent \"dev\" is full")
            try await bench.running(scheduler) {
                _ = try await scheduler.trigger("dev", prompt: nil)
                _ = try await scheduler.trigger("dev", prompt: nil)
                let caller = try #require(try await scheduler.trigger("other", prompt: nil).instance)
                await #expect(throws: full) { try await scheduler.accept(SchedulerTests.delivery(1)) }
                await #expect(throws: full) { try await scheduler.trigger("dev", prompt: nil) }
                await #expect(throws: full) { try await scheduler.call("dev", context: "", by: caller) }
                #expect(try await store.queueDepths() == [dev.name: 1])
            }
            #expect(await bench.runtime.launches.map(\.agent.name.rawValue) == ["dev", "other"])
        }
    }

    @Test(
        "of the items with one key at most one run is alive, other keys pass, and a newer item replaces the waiting one"
    )
    func keys() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev") {
                $0.scale = 3
                $0.concurrencyKey = "{repo}#{number}"
            }
            let scheduler = bench.scheduler([dev])
            try await bench.running(scheduler) {
                _ = try await scheduler.accept(delivery(1, about: 7))
                let first = try await bench.launched(1)
                _ = try await scheduler.accept(delivery(2, about: 7))
                _ = try await scheduler.accept(delivery(3, about: 8))
                _ = try await bench.launched(2)
                let result = try await scheduler.accept(delivery(4, about: 7))
                #expect(result.dropped.map { $0.reason.hasPrefix("superseded by ") } == [true])
                await bench.settle()
                #expect(await bench.runtime.launches.compactMap(\.event) == ["e1", "e3"])
                await bench.runtime.finish(first)
                _ = try await bench.launched(3)
            }
            #expect(await bench.runtime.launches.compactMap(\.event) == ["e1", "e3", "e4"])
            #expect(bench.sink.messages("event superseded").count == 1)
        }
    }

    @Test("without a key of its own an item is no other's concern")
    func emptyKey() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([
                try agent("dev") {
                    $0.scale = 2
                    $0.concurrencyKey = "{absent}"
                }
            ])
            try await bench.running(scheduler) {
                _ = try await scheduler.accept(delivery(1, about: nil))
                _ = try await scheduler.accept(delivery(2, about: nil))
                _ = try await bench.launched(2)
            }
        }
    }

    @Test("a burst becomes one run, thirty seconds after its last event")
    func debounce() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([
                try agent("dev") {
                    $0.debounce = 30
                    $0.scale = 2
                }
            ])
            try await bench.running(scheduler) {
                for number in 1...3 {
                    _ = try await scheduler.accept(SchedulerTests.delivery(number))
                    await bench.pass(20)
                }
                #expect(await bench.runtime.launches.isEmpty)
                await bench.pass(9)
                #expect(await bench.runtime.launches.isEmpty)
                try await bench.advance(until: "due") { await bench.runtime.launches.count == 1 }
            }
            #expect(await bench.runtime.launches.compactMap(\.event) == ["e3"])
        }
    }

    @Test("events that never stop still lead to a run after ten times the quiet time")
    func debounceCap() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("dev") { $0.debounce = 2 }])
            try await bench.running(scheduler) {
                for number in 1...25 where await bench.runtime.launches.isEmpty {
                    _ = try await scheduler.accept(SchedulerTests.delivery(number))
                    await bench.pass(1)
                }
                let event = try await bench.launched(1)
                #expect(event.agent.rawValue == "dev")
            }
            // One that comes in the second in which the time is up may still take the place.
            #expect(["e20", "e21", "e22"].contains(await bench.runtime.launches.first?.event))
        }
    }

    @Test("keys and sources are debounced apart from each other")
    func debouncedApart() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev") {
                $0.debounce = 5
                $0.scale = 9
                $0.concurrencyKey = "{number}"
                $0.webhooks = [WebhookTriggerConfig(source: "hook"), WebhookTriggerConfig(source: "other")]
            }
            let scheduler = bench.scheduler([dev]) { $0.webhooks["other"] = WebhookSourceConfig(type: "test") }
            try await bench.running(scheduler) {
                _ = try await scheduler.accept(delivery(1, about: 7))
                _ = try await scheduler.accept(delivery(2, about: 8))
                for (number, source) in [(3, "hook"), (4, "other"), (5, "hook")] {
                    var delivery = delivery(number, about: nil)
                    delivery.hearers = [source]
                    _ = try await scheduler.accept(delivery)
                }
                try await bench.advance(until: "all due") { await bench.runtime.launches.count == 4 }
            }
            #expect(Set(await bench.runtime.launches.compactMap(\.event)) == ["e1", "e2", "e4", "e5"])
        }
    }

    @Test("a due time is kept over a restart")
    func debounceRestart() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev") { $0.debounce = 30 }
            let old = bench.scheduler([dev])
            try await bench.running(old) { _ = try await old.accept(SchedulerTests.delivery(1)) }
            bench.time.advance(by: .seconds(20))
            try await bench.running(bench.scheduler([dev])) {
                await bench.pass(9)
                #expect(await bench.runtime.launches.isEmpty)
                try await bench.advance(until: "due") { await bench.runtime.launches.count == 1 }
            }
        }
    }

    @Test("a call that waited until the depth limit went down fails and tells its caller")
    func depthAtDrain() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let agents = [try agent("a"), try agent("b")]
            let old = bench.scheduler(agents)
            var call = ""
            var caller: InstanceID?
            try await bench.running(old) {
                _ = try await old.trigger("b", prompt: nil)
                caller = try await old.trigger("a", prompt: nil).instance
                call = try await old.call("b", context: "", by: try #require(caller))
            }
            let new = bench.scheduler(agents) { $0.maxCallDepth = 0 }
            try await bench.running(new) {
                await bench.runtime.finish(try await bench.launched(1))
                let run = try #require(caller)
                try await bench.until("call over") { try await store.call(call, madeBy: run)?.state == .error }
                let message = try await store.call(call, madeBy: run)?.errorMessage
                #expect(message == "agent run failed (trigger depth limit reached)")
            }
            #expect(await bench.runtime.launches.count == 2)
        }
    }

    @Test("a manual order passes deliveries that wait for the resume, also when its runner was busy")
    func manualPasses() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("dev")])
            try await bench.running(scheduler) {
                let first = try #require(try await scheduler.trigger("dev", prompt: "one").instance)
                _ = try await scheduler.accept(SchedulerTests.delivery(1))
                try await scheduler.setPaused(true)
                #expect(try await scheduler.trigger("dev", prompt: "two").instance == nil)
                await bench.runtime.finish(first)
                await bench.runtime.finish(try await bench.launched(2))
                _ = try await bench.ended(try await bench.launched(2))
                await bench.settle()
                #expect(await bench.runtime.launches.map(\.trigger.kind) == [.manual, .manual])
                try await scheduler.setPaused(false)
                _ = try await bench.launched(3)
            }
            #expect(await bench.runtime.launches.last?.event == "e1")
        }
    }
}
