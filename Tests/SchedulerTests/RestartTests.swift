import Domain
import Foundation
import OrderedCollections
import Runtimes
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Scheduler

@Suite struct RestartTests {
    @Test("§19.10: after a crash the live run is adopted and what was queued runs once each")
    func adoption() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev")
            let old = bench.scheduler([dev])
            try await bench.running(old) {
                for number in 0...5 { _ = try await old.accept(delivery(number)) }
                let first = try await bench.launched(1)
                try await bench.until("running") { try await store.run(first.run)?.state == .running }
            }
            let first = try await bench.launched(1)
            let new = bench.scheduler([dev])
            try await bench.running(new) {
                try await bench.adopted(first, by: new)
                for number in 1...6 {
                    let instance = try await bench.launched(number)
                    await bench.runtime.finish(instance)
                    let record = try await bench.ended(instance)
                    #expect(record.state == .succeeded)
                }
            }
            #expect(await bench.runtime.launches.compactMap(\.event) == (0...5).map { "e\($0)" })
            #expect(await bench.runtime.kills.isEmpty)
        }
    }

    @Test("a run that asks before it is adopted is answered once it is")
    func asksEarly() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev")
            let instance = try await bench.leaveRunning("dev", by: bench.scheduler([dev]))
            let new = bench.scheduler([dev])
            let secret = await bench.secret(of: instance)
            let (asked, isAsked) = AsyncStream.makeStream(of: Void.self)
            let answer = Task {
                isAsked.yield()
                return await new.run(withSecret: secret)
            }
            for await _ in asked { break }
            try await bench.running(new) {
                #expect(await answer.value == instance)
                #expect(await new.run(withSecret: "nobody's") == nil)
                await bench.runtime.finish(instance)
                _ = try await bench.ended(instance)
            }
        }
    }

    @Test("a stop that comes before it is known what an earlier scheduler left waits for it")
    func stopsEarly() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let instance = try await bench.leaveRunning("dev", by: bench.scheduler([try agent("dev")]))
            await bench.runtime.holdLists()
            let new = bench.scheduler([try agent("dev")])
            let hasEnded = Mutex(false)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { @Sendable in
                    try await new.run()
                    hasEnded.withLock { $0 = true }
                }
                _ = try await new.stop(StopOrder())
                await bench.pass(2)
                await bench.runtime.releaseLists()
                try await bench.adopted(instance, by: new)
                #expect(!hasEnded.withLock { $0 })
                await bench.runtime.finish(instance)
                try await group.next()
            }
            #expect(try await store.run(instance.run)?.state == .succeeded)
        }
    }

    @Test("an order to stop means what is found after it too: at once, or when its grace is over", arguments: [nil, 5])
    func endsEarly(grace: Int?) async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let instance = try await bench.leaveRunning("dev", by: bench.scheduler([try agent("dev")]))
            await bench.runtime.holdLists()
            let new = bench.scheduler([try agent("dev")])
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await new.run() }
                _ = try await new.stop(StopOrder(now: grace == nil, grace: grace))
                await bench.pass(10)
                await bench.runtime.releaseLists()
                let record = try await bench.ended(instance)
                #expect(record.state == .killed)
                try await group.next()
            }
        }
    }

    @Test(
        "a stop does not wait until there is an image for what was never started: it ends, or the next start starts it",
        arguments: [false, true]
    )
    func stopsWhileBuilding(now: Bool) async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev")
            let instance = try await bench.leaveRunning("dev", by: bench.scheduler([dev]))
            await bench.runtime.neverStart(instance)
            await bench.runtime.holdBuilds()
            let new = bench.scheduler([dev])
            let hasEnded = Mutex(false)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { @Sendable in
                    try await new.run()
                    hasEnded.withLock { $0 = true }
                }
                try await bench.adopted(instance, by: new)
                _ = try await new.stop(StopOrder(now: now))
                try await bench.advance(until: "stopped") { hasEnded.withLock { $0 } }
                try await group.next()
            }
            await bench.runtime.releaseBuilds()
            #expect(await bench.runtime.launches.count == 1)
            #expect(try await store.run(instance.run)?.state == (now ? .killed : .running))
            guard !now else { return }
            try await bench.running(bench.scheduler([dev])) {
                let launched = try await bench.launched(2)
                #expect(launched == instance)
            }
        }
    }

    @Test("a run that was created and never started is started, and has not ended before it ran")
    func neverStarted() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev")
            let instance = try await bench.leaveRunning("dev", by: bench.scheduler([dev]))
            await bench.runtime.neverStart(instance)
            try await bench.running(bench.scheduler([dev])) {
                let again = try await bench.launched(2)
                #expect(again == instance)
                await bench.runtime.finish(instance, code: 3)
                let record = try await bench.ended(instance)
                #expect(record.outcome?.exitCode == 3)
            }
        }
    }

    @Test(
        "a run that ended while no scheduler ran has the end that the runtime noted: not before its launch, nor in the future",
        arguments: [(4, 4), (-60, 0), (7200, 3600), (nil, 3600)] as [(Double?, Double)]
    )
    func endNobodySaw(noted: Double?, duration: Double) async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev") { $0.timeout = 60 }
            let instance = try await bench.leaveRunning("dev", by: bench.scheduler([dev]))
            await bench.runtime.finish(instance, code: 7, at: noted.map(bench.time.date.addingTimeInterval))
            bench.time.advance(by: .seconds(3600))
            try await bench.running(bench.scheduler([dev])) {
                let record = try await bench.ended(instance)
                // It was not late, only found late.
                #expect(record.state == .failed && record.outcome?.exitCode == 7)
                let launched = try #require(record.runningAt)
                #expect(record.endedAt?.timeIntervalSince(launched) == duration)
            }
            #expect(await bench.runtime.kills.isEmpty)
        }
    }

    @Test("of a run that is watched to its end, the end is when it was seen, whatever its own clock says")
    func endSomebodySaw() async throws {
        try await withScheduler { bench, scheduler in
            _ = try await scheduler.trigger("dev", prompt: nil)
            let instance = try await bench.launched(1)
            try await bench.until("running") { try await bench.store.run(instance.run)?.state == .running }
            bench.time.advance(by: .seconds(30))
            await bench.runtime.finish(instance, at: bench.time.date.addingTimeInterval(-20))
            let record = try await bench.ended(instance)
            #expect(record.endedAt?.timeIntervalSince(record.startedAt) == 30)
        }
    }

    @Test("the status of the next scheduler knows when an agent ran last")
    func lastRuns() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let agents = [try agent("dev"), try agent("never")]
            let old = bench.scheduler(agents)
            try await bench.running(old) {
                _ = try await old.trigger("dev", prompt: nil)
                let instance = try await bench.launched(1)
                await bench.runtime.finish(instance)
                _ = try await bench.ended(instance)
            }
            let new = bench.scheduler(agents)
            try await bench.running(new) {
                try await bench.until("started") { try await !new.status().isInitializing }
                let status = try await new.status().agents
                #expect(status.first?.lastRunAt != nil && status.first?.lastRunDuration != nil)
                #expect(status.first?.state == "idle" && status.last?.lastRunAt == nil)
            }
        }
    }

    @Test("a hand-over leaves the run alive and repeats no line")
    func handOver() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store) { _ in .init(lines: ["one"]) }
            let dev = try agent("dev")
            let old = bench.scheduler([dev])
            try await bench.running(old) {
                _ = try await old.trigger("dev", prompt: nil)
                try await bench.until("line read") { bench.sink.messages("output").count == 1 }
                await old.handOver()
            }
            let instance = try await bench.launched(1)
            await bench.runtime.print("two", by: instance)
            let new = bench.scheduler([dev])
            try await bench.running(new) {
                await bench.runtime.finish(instance)
                let record = try await bench.ended(instance)
                #expect(record.state == .succeeded)
            }
            #expect(bench.sink.messages("output").map { $0.fields["text"] } == ["one", "two"])
        }
    }

    @Test("a transcript line whose parts come before and after a restart is whole")
    func transcriptParts() async throws {
        @Sendable func part(_ number: Int, _ text: String) -> String {
            #"{"_log":true,"msg":"message","seq":7,"part":\#(number),"of":2,"json":"\#(text)"}"#
        }
        try await withTemporaryStore { store in
            let bench = Bench(store) { _ in .init(lines: ["before", part(1, "one"), "between"]) }
            let dev = try agent("dev")
            let old = bench.scheduler([dev])
            try await bench.running(old) {
                _ = try await old.trigger("dev", prompt: nil)
                try await bench.until("lines read") { bench.sink.messages("output").count == 2 }
                await old.handOver()
            }
            let instance = try await bench.launched(1)
            await bench.runtime.print(part(2, " two"), by: instance)
            try await bench.running(bench.scheduler([dev])) {
                await bench.runtime.finish(instance)
                _ = try await bench.ended(instance)
            }
            #expect(bench.sink.transcripts == ["one two"])
            #expect(bench.sink.messages("output").map { $0.fields["text"] } == ["before", "between", "between"])
        }
    }

    @Test("what another runtime started is not given up while its time lasts, but the start that would is refused")
    func otherRuntime() async throws {
        try await withTemporaryStore { store in
            let dev = try agent("dev") { $0.timeout = 100 }
            let bench = Bench(store, runtime: FakeRuntime(kind: .docker))
            let instance = try await bench.leaveRunning("dev", by: bench.scheduler([dev]))
            let other = Bench(store, runtime: FakeRuntime(kind: .sandbox))
            let error = await #expect(throws: RuntimeError.self) { try await other.scheduler([dev]).run() }
            #expect(error?.message.contains("What docker started may still be at work") == true)
            #expect(error?.message.contains(instance.rawValue) == true)
            #expect(try await store.run(instance.run)?.state == .running)
            other.time.advance(by: .seconds(116))
            try await other.running(other.scheduler([dev])) {
                let record = try await other.ended(instance)
                #expect(record.state == .lost)
            }
        }
    }

    @Test("what another runtime started is counted as lost at once where that is ordered, and is not repeated")
    func abandoned() async throws {
        try await withTemporaryStore { store in
            let dev = try agent("dev") { $0.timeout = 100 }
            let bench = Bench(store, runtime: FakeRuntime(kind: .docker))
            let instance = try await bench.leaveRunning("dev", by: bench.scheduler([dev]))
            let other = Bench(store, runtime: FakeRuntime(kind: .sandbox))
            try await other.running(other.scheduler([dev], abandonsRuns: true)) {
                let record = try await other.ended(instance)
                #expect(record.state == .lost)
                #expect(record.outcome?.reason == "abandoned by al start --abandon-runs")
                #expect(await other.runtime.launches.isEmpty)
            }
        }
    }

    @Test("a run whose container is gone is lost, and a stray container is removed")
    func lost() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev")
            let instance = try await bench.leaveRunning("dev", by: bench.scheduler([dev]))
            for run in try await bench.runtime.list(project: .init(rawValue: "0123456789ab")) {
                try await bench.runtime.remove(run.handle)
            }
            try await bench.running(bench.scheduler([dev])) {
                let record = try await bench.ended(instance)
                #expect(record.state == .lost)
            }
        }
    }

    @Test("an item whose run was not started waits again where its agent has no image at the next start")
    func withoutImage() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev")
            let old = bench.scheduler([dev])
            try await bench.running(old) {
                _ = try await old.accept(delivery(1))
                _ = try await bench.launched(1)
            }
            let instance = try await bench.launched(1)
            await bench.runtime.neverStart(instance)
            await bench.runtime.setImages([dev.name: .failed("no network")])
            try await bench.running(bench.scheduler([dev])) {
                let record = try await bench.ended(instance)
                #expect(record.state == .failed && record.outcome?.reason == "no network")
                #expect(try await store.queueDepths() == [dev.name: 1])
                try await bench.until("removed") { await bench.runtime.remaining == 0 }
            }
            await bench.runtime.setImages([:])
            try await bench.running(bench.scheduler([dev])) { _ = try await bench.launched(2) }
            #expect(await bench.runtime.launches.last?.event == "e1")
        }
    }

    @Test("a run of an agent that was disabled meanwhile is adopted and ends as it ends")
    func disabled() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let instance = try await bench.leaveRunning("dev", by: bench.scheduler([try agent("dev")]))
            try await bench.running(bench.scheduler([try agent("dev") { $0.scale = 0 }])) {
                await bench.settle()
                await bench.runtime.finish(instance)
                let record = try await bench.ended(instance)
                #expect(record.state == .succeeded)
            }
            #expect(await bench.runtime.kills.isEmpty)
        }
    }

    @Test("an item whose run had not come up waits until its agent, which was disabled meanwhile, is enabled again")
    func disabledBeforeItStarted() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev")
            // Nothing starts by itself: this test claims like a scheduler that dies at once.
            try await store.setPaused(since: StoreSamples.at(0))
            try await bench.running(bench.scheduler([dev])) { [scheduler = bench.scheduler([dev])] in
                _ = try await scheduler.accept(delivery(1))
            }
            _ = try await store.claimNext(of: dev.name, as: try StoreSamples.run("dev", 1), rule: .any)
            try await store.setPaused(since: nil)
            try await bench.running(bench.scheduler([try agent("dev") { $0.scale = 0 }])) {
                await bench.settle()
                #expect(await bench.runtime.launches.isEmpty)
            }
            #expect(try await store.queueDepths() == [dev.name: 1])
            try await bench.running(bench.scheduler([dev])) { _ = try await bench.launched(1) }
        }
    }

    @Test("a run that was over before its agent went has its own end; one that was not is killed")
    func removedMeanwhile() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let old = bench.scheduler([try agent("dev"), try agent("ops")])
            let over = try await bench.leaveRunning("dev", by: old)
            await bench.runtime.finish(over, code: 11)
            try await bench.running(bench.scheduler([try agent("ops")])) {
                let record = try await bench.ended(over)
                #expect(record.state == .failed && record.outcome?.exitCode == 11)
            }
            #expect(await bench.runtime.kills.isEmpty)
        }
    }

    @Test(
        "an item whose run was lost before it ran waits again: once if it reached the runtime, else ten claims long",
        arguments: [(reachesRuntime: true, lost: 2), (false, 10)]
    )
    func lostAtStart(reachesRuntime: Bool, lost: Int) async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev")
            // Nothing starts by itself: this test claims like schedulers that die at once.
            try await store.setPaused(since: StoreSamples.at(0))
            try await bench.running(bench.scheduler([dev])) { [scheduler = bench.scheduler([dev])] in
                _ = try await scheduler.accept(delivery(1))
            }
            for attempt in 1...lost {
                let run = try StoreSamples.run("dev", attempt)
                #expect(try await store.claimNext(of: dev.name, as: run, rule: .any).run != nil, "claim \(attempt)")
                if reachesRuntime {
                    let handle = "fake-\(attempt)"
                    try await store.setHandle(
                        handle,
                        runtime: "host",
                        isolation: nil,
                        network: .null,
                        of: run.instance.run,
                        at: bench.time.date
                    )
                }
                try await bench.running(bench.scheduler([dev])) {}
                #expect(try await store.run(run.instance.run)?.state == .lost)
            }
            #expect(try await store.queueDepths().isEmpty)
        }
    }

    @Test("whenever the scheduler dies, every accepted item runs exactly once", arguments: 0..<12)
    func crash(round: Int) async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(state: seed)
        try await withTemporaryStore { store in
            let bench = Bench(store) { _ in .init(lines: ["x"], exitCode: 0) }
            let agents = [try agent("a"), try agent("b") { $0.scale = 2 }]
            let old = bench.scheduler(agents)
            try await bench.running(old) {
                for number in 0..<6 { _ = try await old.accept(delivery(number)) }
                for _ in 0..<Int(random.next() % 3000) { await Task.yield() }
            }
            let new = bench.scheduler(agents)
            try await bench.running(new) {
                try await bench.until("all done (seed \(seed))") {
                    let waits = try await !store.queueDepths().isEmpty
                    let runs = try await !store.openRuns().isEmpty
                    return !waits && !runs
                }
            }
            for name in ["a", "b"] {
                let events = await bench.runtime.launches.filter { $0.agent.name.rawValue == name }.compactMap(\.event)
                #expect(events.sorted() == (0..<6).map { "e\($0)" }, "agent \(name), seed \(seed)")
            }
            let states = try await store.runs(of: nil, limit: 100).filter { $0.state == .succeeded }
            #expect(states.count == 12, "seed \(seed)")
        }
    }
}

extension Bench {
    func secret(of instance: InstanceID) async -> String {
        await runtime.launches.first { $0.instance == instance }?.secret ?? ""
    }
}
