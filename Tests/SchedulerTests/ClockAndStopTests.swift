import Domain
import Foundation
import OrderedCollections
import Runtimes
import Storage
import TestSupport
import Testing

@testable import Scheduler

@Suite struct ClockAndStopTests {
    @Test("§19.3, §19.12: a slot fires; the next one while the run lives is skipped with one warning and no item")
    func busySlot() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let cron = try CronSchedule("* * * * *")
            let scheduler = bench.scheduler([try agent("first"), try agent("second") { $0.schedule = cron }])
            let warning = "all agent runners busy, skipping scheduled run"
            try await bench.running(scheduler) {
                try await bench.advance(until: "fired") { await bench.runtime.launches.count == 1 }
                try await bench.advance(until: "skipped") { !bench.sink.messages(warning).isEmpty }
                #expect(try await store.queueDepths().isEmpty)
                try await scheduler.setEnabled(false, agent: "second")
                #expect(try await scheduler.status().agents[1].nextRunAt == nil)
                #expect(try await scheduler.status().agents[0].isEnabled)
            }
            #expect(bench.sink.messages(warning).count == 1)
            #expect(await bench.runtime.launches.map(\.agent.name.rawValue) == ["second"])
        }
    }

    @Test("a scheduled agent gets one initial run unless that is switched off", arguments: [true, false])
    func initialRun(isOn: Bool) async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let cron = try CronSchedule("0 0 31 2 *")
            let scheduler = bench.scheduler([
                try agent("a") {
                    $0.schedule = cron
                    $0.initialRun = isOn
                }
            ])
            try await bench.running(scheduler) {
                if isOn { _ = try await bench.launched(1) }
                #expect(try await store.openRuns().count == (isOn ? 1 : 0))
            }
        }
    }

    @Test("§19.17: a stop refuses new work, waits for the run and then ends")
    func drain() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("a")])
            try await bench.runningToItsEnd(scheduler) {
                _ = try await scheduler.accept(delivery(1))
                _ = try await scheduler.accept(delivery(2))
                let run = try await bench.launched(1)
                #expect(try await scheduler.stop(StopOrder()) == StopAnswer(running: 1))
                await #expect(throws: RefusalError(code: .stopping, reason: "scheduler is stopping")) {
                    try await scheduler.accept(delivery(3))
                }
                let secret = await bench.secret(of: run)
                #expect(await scheduler.run(withSecret: secret) == run)
                await bench.runtime.finish(run)
                _ = try await bench.ended(run)
                try await bench.advance(until: "stopped") { await bench.runtime.remaining == 0 }
                for _ in 0..<1000 { await Task.yield() }
                bench.time.advance(by: .seconds(1))
            }
            #expect(try await store.queueDepths().values.reduce(0, +) == 1)
            #expect(await bench.runtime.kills.isEmpty)
        }
    }

    @Test("§19.17: a stop with grace kills what is left after it, with time to end; clear empties the queues")
    func grace() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("a")])
            try await bench.runningToItsEnd(scheduler) {
                for number in 1...3 { _ = try await scheduler.accept(delivery(number)) }
                let run = try await bench.launched(1)
                _ = try await scheduler.stop(StopOrder(grace: 1, clear: true))
                try await bench.advance(until: "killed") { try await store.run(run.run)?.state == .killed }
            }
            #expect(await bench.runtime.kills.map(\.grace) == [.seconds(10)])
            #expect(try await store.queueDepths().isEmpty)
        }
    }

    @Test("a first order while a signal's stop waits for the runs waits too")
    func signalAndOrder() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("a")])
            try await bench.runningToItsEnd(scheduler) {
                _ = try await scheduler.accept(delivery(1))
                let run = try await bench.launched(1)
                try await bench.until("running") { try await store.run(run.run)?.state == .running }
                await scheduler.beginStop(StopOrder())
                #expect(try await scheduler.stop(StopOrder()) == StopAnswer(running: 1))
                await bench.pass(5)
                #expect(await bench.runtime.alive == [run])
                await bench.runtime.finish(run)
            }
            #expect(await bench.runtime.kills.isEmpty)
        }
    }

    @Test(
        "a stop now, or a second stop, ends the runs with time to obey and keeps the queue",
        arguments: [true, false]
    )
    func stopNow(isFirst: Bool) async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("a")])
            try await bench.runningToItsEnd(scheduler) {
                for number in 1...2 { _ = try await scheduler.accept(delivery(number)) }
                let run = try await bench.launched(1)
                if !isFirst { #expect(try await scheduler.stop(StopOrder()) == StopAnswer(running: 1)) }
                #expect(try await scheduler.stop(StopOrder(now: isFirst)) == StopAnswer(running: 1))
                try await bench.advance(until: "killed") { try await store.run(run.run)?.state == .killed }
            }
            #expect(await bench.runtime.kills.map(\.grace) == [.seconds(10)])
            #expect(try await store.queueDepths().values.reduce(0, +) == 1)
        }
    }
}
