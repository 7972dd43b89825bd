import Domain
import Foundation
import OrderedCollections
import Runtimes
import Synchronization
import TestSupport
import Testing

@testable import Scheduler
@testable import Storage

@Suite("While runtime or store do not answer") struct OutageTests {
    /// How a run is told to end.
    enum Order: CaseIterable { case kill, stop, stopNow }

    @Test("a launch that waits for a runtime which is away holds up no order to end", arguments: Order.allCases)
    func orderedWhileAway(order: Order) async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev")
            let old = bench.scheduler([dev])
            await bench.runtime.refuse([.launch])
            await bench.runtime.setSilence(RuntimeError(code: .unavailable, message: "away", isTransient: true))
            try await bench.runningToItsEnd(old) {
                _ = try await old.accept(delivery(1))
                try await bench.until("claimed") { try await !store.openRuns().isEmpty }
                await bench.pass(60)
                let run = try #require(try await store.openRuns().first)
                #expect(run.state == .starting)
                switch order {
                case .kill: try await old.kill(instance: run.instance.rawValue)
                case .stop: _ = try await old.stop(StopOrder())
                case .stopNow: _ = try await old.stop(StopOrder(now: true))
                }
                await bench.pass(60)
                if order == .kill { _ = try await old.stop(StopOrder()) }
                await bench.pass(5)
            }
            let ended = try #require(try await store.runs(of: nil, limit: 1).first)
            #expect(ended.state == (order == .stop ? .starting : .killed))
            await bench.runtime.refuse([])
            await bench.runtime.setSilence(nil)
            // What was not launched, and nobody killed, is not used up.
            try await bench.running(bench.scheduler([dev])) {
                if order == .stop { _ = try await bench.launched(1) }
                await bench.settle()
            }
            #expect(await bench.runtime.launches.compactMap(\.event) == (order == .stop ? ["e1"] : []))
        }
    }

    @Test("what a killed launch had started all the same is taken away when the runtime answers again")
    func doubtful() async throws {
        try await withScheduler { bench, scheduler in
            await bench.runtime.loseNextAnswer()
            await bench.runtime.refuse([.launch])
            await bench.runtime.setSilence(RuntimeError(code: .unavailable, message: "away", isTransient: true))
            let instance = try #require(try await scheduler.trigger("dev", prompt: nil).instance)
            await bench.pass(60)
            try await scheduler.kill(instance: instance.rawValue)
            let record = try await bench.ended(instance)
            #expect(record.state == .killed)
            #expect(await bench.runtime.alive == [instance])
            await bench.runtime.setSilence(nil)
            try await bench.advance(until: "taken away") { await bench.runtime.remaining == 0 }
        }
    }

    @Test("a launch without an answer is repeated when the runtime is back, and finds what it had started")
    func launchAfterOutage() async throws {
        try await withScheduler { bench, scheduler in
            await bench.runtime.loseNextAnswer()
            await bench.runtime.refuse([.launch])
            await bench.runtime.setSilence(RuntimeError(code: .unavailable, message: "away", isTransient: true))
            let instance = try #require(try await scheduler.trigger("dev", prompt: nil).instance)
            await bench.pass(120)
            #expect(try await bench.store.run(instance.run)?.state == .starting)
            await bench.runtime.refuse([])
            await bench.runtime.setSilence(nil)
            try await bench.advance(until: "up") { try await bench.store.run(instance.run)?.state == .running }
            #expect(await bench.runtime.launches.count == 1)
            #expect(await bench.runtime.kills.isEmpty)
        }
    }

    @Test("a script is launched as soon as the store can note that it gets no keys")
    func fullStoreBeforeLaunch() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev")
            bench.scripted.withLock { _ = $0.insert(dev.name) }
            let full = "CREATE TRIGGER full BEFORE UPDATE ON runs BEGIN SELECT raise(FAIL, 'full'); END"
            try await store.write { try $0.run(full) }
            let scheduler = bench.scheduler([dev])
            try await bench.running(scheduler) {
                let instance = try #require(try await scheduler.trigger("dev", prompt: nil).instance)
                await bench.pass(60)
                #expect(await bench.runtime.launches.isEmpty)
                try await store.write { try $0.run("DROP TRIGGER full") }
                try await bench.advance(until: "up") { try await store.run(instance.run)?.state == .running }
            }
        }
    }

    @Test("a launch that is given up leaves no container")
    func launchGivenUp() async throws {
        try await withScheduler { bench, scheduler in
            await bench.runtime.loseNextAnswer()
            await bench.runtime.refuse([.launch])
            let instance = try #require(try await scheduler.trigger("dev", prompt: nil).instance)
            _ = try await bench.launched(1)
            await bench.runtime.neverStart(instance)
            try await bench.advance(until: "over") { try await bench.store.run(instance.run)?.state == .failed }
            #expect(await bench.runtime.remaining == 0)
        }
    }

    @Test("a run of whose launch only the answer was lost goes on as soon as the runtime says that it is there")
    func lostAnswer() async throws {
        try await withScheduler { bench, scheduler in
            await bench.runtime.loseNextAnswer()
            await bench.runtime.refuse([.launch])
            let instance = try #require(try await scheduler.trigger("dev", prompt: nil).instance)
            try await bench.advance(until: "up") { try await bench.store.run(instance.run)?.state != .starting }
            #expect(await bench.runtime.alive == [instance])
            await bench.runtime.finish(instance)
            #expect(try await bench.ended(instance).state == .succeeded)
        }
    }

    @Test("what was launched before a kill came between two attempts is killed")
    func killedBetweenAttempts() async throws {
        try await withScheduler { bench, scheduler in
            await bench.runtime.loseNextAnswer()
            let instance = try #require(try await scheduler.trigger("dev", prompt: nil).instance)
            try await bench.until("retry") { !bench.sink.messages("launch failed, trying again").isEmpty }
            try await scheduler.kill(instance: instance.rawValue)
            let record = try await bench.ended(instance)
            #expect(record.state == .killed)
            #expect(await bench.runtime.remaining == 0)
        }
    }

    @Test("an order to end a run stands until it is taken, also by the next scheduler")
    func order() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let agents = [try agent("dev") { $0.scale = 2 }]
            let old = bench.scheduler(agents)
            var instances: [InstanceID] = []
            try await bench.running(old) {
                for _ in 1...2 { instances.append(try await bench.runUp("dev", by: old)) }
                await bench.runtime.refuse([.kill])
                let error = await #expect(throws: UntakenOrder.self) { try await old.kill(agent: "dev") }
                #expect(error?.description == "no answer The order stands: it is repeated until it is carried out.")
            }
            await bench.runtime.refuse([])
            try await bench.running(bench.scheduler(agents)) {
                for instance in instances {
                    let outcome = try await bench.ended(instance).outcome
                    #expect(outcome?.state == .killed && outcome?.reason == "killed")
                }
            }
        }
    }

    @Test(
        "what an earlier scheduler ordered is obeyed in the time that it gave",
        arguments: [
            (.budget("spent"), 30), (.killed("scheduler stopped"), 30), (.killed("by hand"), 0),
        ] as [(StopCause, Int)]
    )
    func graceOfAdopted(cause: StopCause, grace: Int) async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev")
            let instance = try await bench.leaveRunning("dev", by: bench.scheduler([dev]))
            try await store.noteStop(cause, of: instance.run)
            let new = bench.scheduler([dev]) { $0.stopGrace = 30 }
            try await bench.running(new) { _ = try await bench.ended(instance) }
            #expect(await bench.runtime.kills.map(\.grace) == [.seconds(grace)])
        }
    }

    @Test("a run that was killed while nobody saw its end was killed, not short of memory")
    func killedUnseen() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev")
            let instance = try await bench.leaveRunning("dev", by: bench.scheduler([dev]))
            try await store.noteStop(.timeout, of: instance.run)
            try await store.noteStop(.killed("later"), of: instance.run)
            await bench.runtime.finish(instance, code: 137)
            try await bench.running(bench.scheduler([dev])) {
                let record = try await bench.ended(instance)
                #expect(record.state == .timedOut)
            }
        }
    }

    @Test("what was ordered to end and is gone was killed, and its item does not wait again")
    func killedAndGone() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev")
            try await store.setPaused(since: StoreSamples.at(0))
            try await bench.running(bench.scheduler([dev])) { [scheduler = bench.scheduler([dev])] in
                _ = try await scheduler.accept(delivery(1))
            }
            let run = try StoreSamples.run("dev", 1)
            #expect(try await store.claimNext(of: dev.name, as: run, rule: .any).run != nil)
            try await store.noteStop(.killed("by hand"), of: run.instance.run)
            try await bench.running(bench.scheduler([dev])) {}
            #expect(try await store.run(run.instance.run)?.outcome?.reason == "by hand")
            #expect(try await store.queueDepths().isEmpty)
        }
    }

    @Test("a kill that fails is repeated, and its run goes on being the runtime's until then")
    func repeatedKill() async throws {
        try await withScheduler { bench, scheduler in
            let instance = try await bench.runUp("dev", by: scheduler)
            await bench.runtime.refuse([.kill])
            await #expect(throws: UntakenOrder.self) { try await scheduler.kill(instance: instance.rawValue) }
            await bench.pass(30)
            #expect(await bench.runtime.alive == [instance])
            await bench.runtime.refuse([])
            try await bench.advance(until: "killed") { try await bench.store.run(instance.run)?.state == .killed }
        }
    }

    @Test("a stop ends all runs although the runtime was away when it was ordered")
    func stop() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("dev")])
            try await bench.runningToItsEnd(scheduler) {
                let instance = try await bench.runUp("dev", by: scheduler)
                await bench.runtime.refuse([.kill])
                _ = try await scheduler.stop(StopOrder(now: true))
                await bench.pass(10)
                #expect(await bench.runtime.alive == [instance])
                await bench.runtime.refuse([])
                try await bench.advance(until: "killed") { try await store.run(instance.run)?.state == .killed }
            }
        }
    }

    @Test("a spent budget tells all runs at once, and again until they are told")
    func budget() async throws {
        try await withScheduler(
            of: [try agent("a"), try agent("b")],
            config: { $0.limits.maxCostPerDay = 1 }
        ) { bench, scheduler in
            let first = try await bench.runUp("a", by: scheduler)
            let second = try await bench.runUp("b", by: scheduler)
            await bench.runtime.ignoreTermination()
            await bench.runtime.refuse([.kill])
            await bench.runtime.print(#"{"_log":true,"msg":"turn-usage","model":"m","cost":1}"#, by: second)
            try await bench.until("ordered") {
                bench.sink.messages("killing the run failed, trying again").count == 2
            }
            await bench.runtime.refuse([])
            // Neither obeys, so that none of them can be told after the other's end.
            try await bench.advance(until: "both told") { await bench.runtime.kills.count == 2 }
            // What the run prints yet is read: nobody holds up its output.
            await bench.runtime.print("last words", by: second)
            try await bench.until("read") { bench.sink.messages("output").count == 1 }
            for run in [first, second] {
                await bench.runtime.finish(run, code: 143)
                #expect(try await bench.ended(run).outcome?.exitCode == RunExitCode.budgetSpent)
            }
        }
    }

    @Test("output that could not be read until the run ended is read from where its reader came to")
    func output() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("dev")])
            try await bench.running(scheduler) {
                let instance = try #require(try await scheduler.trigger("dev", prompt: nil).instance)
                _ = try await bench.launched(1)
                await bench.runtime.print("one", by: instance)
                try await bench.until("read") { bench.sink.messages("output").count == 1 }
                await bench.runtime.refuse([.follow])
                try await bench.until("failed") { !bench.sink.messages("following the output failed").isEmpty }
                await bench.runtime.print("two", by: instance)
                await bench.pass(120)
                #expect(bench.sink.messages("following the output failed").count == 1)
                await bench.runtime.refuse([])
                await bench.runtime.finish(instance)
                try await bench.advance(until: "over") { try await store.run(instance.run)?.state == .succeeded }
            }
            #expect(bench.sink.messages("output").map { $0.fields["text"] } == ["one", "two"])
        }
    }

    @Test("an end that cannot be stored is stored as soon as it can be, and only then is the container removed")
    func end() async throws {
        try await withScheduler { bench, scheduler in
            let instance = try await bench.runUp("dev", by: scheduler)
            let full = "CREATE TRIGGER full BEFORE UPDATE OF state ON runs BEGIN SELECT raise(FAIL, 'full'); END"
            try await bench.store.write { try $0.run(full) }
            await bench.runtime.finish(instance, code: 3)
            await bench.pass(120)
            #expect(try await bench.store.run(instance.run)?.state == .running)
            #expect(await bench.runtime.remaining == 1)
            try await bench.store.write { try $0.run("DROP TRIGGER full") }
            try await bench.advance(until: "stored") { try await bench.store.run(instance.run)?.outcome?.exitCode == 3 }
            try await bench.until("removed") { await bench.runtime.remaining == 0 }
        }
    }

    @Test("a reply that could not be counted is counted later, by whichever scheduler", arguments: [true, false])
    func reply(survives: Bool) async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev")
            let full = "CREATE TRIGGER full BEFORE UPDATE OF cost ON runs BEGIN SELECT raise(FAIL, 'full'); END"
            let old = bench.scheduler([dev])
            try await bench.running(old) {
                let instance = try await bench.runUp("dev", by: old)
                try await store.write { try $0.run(full) }
                await bench.runtime.print(#"{"_log":true,"msg":"turn-usage","model":"m","cost":0.5}"#, by: instance)
                try await bench.until("failed") { !bench.sink.messages("counting a model reply failed").isEmpty }
                await bench.runtime.print("more", by: instance)
                try await bench.until("read on") { bench.sink.messages("output").count == 1 }
                await bench.pass(3)
                try await store.write { try $0.run("DROP TRIGGER full") }
                guard survives else { return }
                await bench.runtime.finish(instance)
                let record = try await bench.ended(instance)
                #expect(record.cost == 0.5)
            }
            guard !survives else { return }
            let instance = try await bench.launched(1)
            try await bench.running(bench.scheduler([dev])) {
                await bench.runtime.finish(instance)
                let record = try await bench.ended(instance)
                #expect(record.cost == 0.5)
            }
        }
    }

    @Test("what could not be removed of a run is removed later")
    func removal() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store) { _ in .init(exitCode: 0) }
            let scheduler = bench.scheduler([try agent("dev")])
            try await bench.running(scheduler) {
                await bench.runtime.refuse([.remove])
                let instance = try #require(try await scheduler.trigger("dev", prompt: nil).instance)
                _ = try await bench.ended(instance)
                try await bench.until("told") {
                    !bench.sink.messages("removing a container failed, trying again").isEmpty
                }
                await bench.runtime.refuse([])
                try await bench.advance(until: "removed", by: .seconds(5)) { await bench.runtime.remaining == 0 }
            }
        }
    }

    @Test("what an earlier scheduler created and did not start is started with its image once that is built")
    func imageAfterRestart() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store, runtime: FakeRuntime(kind: .docker))
            let dev = try agent("dev")
            await bench.runtime.setImages([dev.name: .built("image")])
            await bench.runtime.requireImages()
            let instance = try await bench.leaveRunning("dev", by: bench.scheduler([dev]))
            await bench.runtime.neverStart(instance)
            await bench.runtime.holdBuilds()
            let new = bench.scheduler([dev])
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await new.run() }
                try await bench.adopted(instance, by: new)
                await bench.settle()
                #expect(try await store.run(instance.run)?.state.isFinal == false)
                await bench.runtime.releaseBuilds()
                #expect(try await bench.launched(2) == instance)
                await bench.runtime.finish(instance)
                let record = try await bench.ended(instance)
                #expect(record.state == .succeeded)
                group.cancelAll()
            }
        }
    }
}
