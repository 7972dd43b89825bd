import Domain
import Foundation
import OrderedCollections
import Runtimes
import Storage
import TestSupport
import Testing

@testable import Scheduler

@Suite struct QueueTests {
    @Test("§19.1: three webhooks of a one-runner agent run in order and never together")
    func inOrder() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("dev")])
            try await bench.running(scheduler) {
                for number in 1...3 { #expect(try await scheduler.accept(delivery(number)).matched == 1) }
                for number in 1...3 {
                    let instance = try await bench.launched(number)
                    await bench.runtime.finish(instance)
                    #expect(try await bench.ended(instance).state == .succeeded)
                }
            }
            #expect(await bench.runtime.launches.compactMap(\.event) == ["e1", "e2", "e3"])
            #expect(await bench.runtime.peak == 1)
        }
    }

    @Test("§19.2: a full queue drops the oldest items and says so")
    func fullQueue() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("dev") { $0.workQueueSize = 2 }])
            try await bench.running(scheduler) {
                _ = try await scheduler.accept(delivery(0))
                let first = try await bench.launched(1)
                var dropped = 0
                for number in 1...4 { dropped += try await scheduler.accept(delivery(number)).dropped.count }
                #expect(dropped == 2)
                await bench.runtime.finish(first)
                await bench.runtime.finish(try await bench.launched(2))
                _ = try await bench.launched(3)
            }
            #expect(await bench.runtime.launches.compactMap(\.event) == ["e0", "e3", "e4"])
            #expect(bench.sink.messages("queue full, oldest event dropped").count == 2)
            let sizes = bench.sink.messages("webhook queued").map { $0.fields["queueSize"] }
            #expect(sizes == [1, 2, 2, 2])
            let dropped = try await store.history.items(ItemQuery(state: .dropped))
            #expect(dropped.map(\.reason) == ["queue full", "queue full"])
        }
    }

    @Test("the project's gate holds agents back and lets the item waiting longest go first")
    func gate() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("a"), try agent("b")]) { $0.scale = 1 }
            try await bench.running(scheduler) {
                _ = try await scheduler.trigger("b", prompt: nil)
                let first = try await bench.launched(1)
                _ = try await scheduler.trigger("b", prompt: "older")
                bench.time.advance(by: .milliseconds(10))
                _ = try await scheduler.trigger("a", prompt: "newer")
                await bench.runtime.finish(first)
                await bench.runtime.finish(try await bench.launched(2))
                _ = try await bench.launched(3)
            }
            #expect(await bench.runtime.launches.map(\.agent.name.rawValue) == ["b", "b", "a"])
            #expect(await bench.runtime.peak == 1)
        }
    }

    @Test("whoever orders a run learns what it waits for")
    func obstacles() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let broken = try agent("broken")
            await bench.runtime.setImages([broken.name: .failed("no such package")])
            let scheduler = bench.scheduler([try agent("a"), try agent("b"), broken]) { $0.scale = 2 }
            try await bench.running(scheduler) {
                var obstacles: [TriggerAnswer.Obstacle?] = []
                for name in ["a", "a", "broken"] {
                    obstacles.append(try await scheduler.trigger(name, prompt: nil).obstacle)
                }
                #expect(obstacles == [nil, .runners(1), .image])
            }
        }
        try await withScheduler(of: [try agent("a"), try agent("b")], config: { $0.scale = 1 }) { bench, scheduler in
            #expect(try await scheduler.trigger("a", prompt: nil).instance != nil)
            let obstacle = try await scheduler.trigger("b", prompt: nil).obstacle
            #expect(obstacle == .projectScale(1))
        }
    }

    @Test("while paused webhooks wait and manual orders run; resuming starts what waited")
    func paused() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("dev") { $0.scale = 2 }])
            try await bench.running(scheduler) {
                try await scheduler.setPaused(true)
                _ = try await scheduler.accept(delivery(1))
                let answer = try await scheduler.trigger("dev", prompt: nil)
                #expect(answer.instance != nil)
                #expect(try await bench.launched(1) == answer.instance)
                #expect(try await scheduler.status().agents.first?.queuedItems == 1)
                try await scheduler.setPaused(false)
                _ = try await bench.launched(2)
            }
            #expect(await bench.runtime.launches.map(\.trigger.kind) == [.manual, .webhook])
        }
    }

    @Test("a disabled agent is skipped, an agent of scale 0 neither matched nor skipped nor run by hand")
    func disabled() async throws {
        try await withScheduler(
            of: [try agent("off") { $0.scale = 0 }, try agent("on"), try agent("quiet")]
        ) { bench, scheduler in
            try await scheduler.setEnabled(false, agent: "quiet")
            let result = try await scheduler.accept(delivery(1))
            #expect(result.matched == 1 && result.skipped == 1)
            await #expect(throws: RefusalError(code: .conflict, reason: "Agent \"off\" is disabled (scale = 0)")) {
                try await scheduler.trigger("off", prompt: nil)
            }
            let refusal = await #expect(throws: RefusalError.self) {
                try await scheduler.setEnabled(true, agent: "off")
            }
            #expect(refusal?.code == .conflict && refusal?.reason.contains("set scale to 1 or more") == true)
            try await scheduler.setEnabled(false, agent: "off")
            await #expect(throws: RefusalError(code: .notFound, reason: "Agent x not found")) {
                try await scheduler.trigger("x", prompt: nil)
            }
            #expect(try await bench.launched(1).agent.rawValue == "on")
        }
    }

    @Test("deliveries accepted before the start run after it, also by the next scheduler")
    func beforeStart() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            _ = try await bench.scheduler([try agent("dev")]).accept(delivery(1))
            try await bench.running(bench.scheduler([try agent("dev")])) { _ = try await bench.launched(1) }
        }
    }
}
