import Domain
import Foundation
import Runtimes
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Scheduler

@Suite("Slots of schedules")
struct SlotTests {
    private func scheduled(
        _ expression: String = "* * * * *",
        _ change: (inout AgentConfig) -> Void = { _ in }
    ) throws -> AgentConfig {
        let cron = try CronSchedule(expression)
        return try agent("dev") {
            $0.schedule = cron
            change(&$0)
        }
    }

    @Test("a slot that fires has one record with its run; a busy one is skipped, with one warning and no item")
    func firedAndBusy() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try scheduled()])
            try await bench.running(scheduler) {
                try await bench.advance(until: "fired") { await bench.runtime.launches.count == 1 }
                try await bench.advance(until: "skipped") { try await bench.slots().count == 2 }
            }
            #expect(try await bench.slots() == ["fired", "skipped busy"])
            let instance = await bench.runtime.launches.first?.instance
            #expect(try await bench.slotRecords().first?.instance == instance)
            #expect(bench.sink.messages("all agent runners busy, skipping scheduled run").count == 1)
            #expect(try await store.queueDepths().isEmpty)
        }
    }

    @Test("§19.3: while the store cannot write, a slot that finds all runners busy is tried again and warned of once")
    func busyAndUnwritten() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let tries = Mutex(0)
            let isFull = Mutex(false)
            let broken = MortalStore(base: store, fuse: Fuse()) {
                tries.withLock { $0 += 1 }
                return isFull.withLock { $0 }
            }
            let scheduler = bench.scheduler([try scheduled()], over: broken)
            try await bench.running(scheduler) {
                try await bench.advance(until: "fired") { await bench.runtime.launches.count == 1 }
                isFull.withLock { $0 = true }
                let before = tries.withLock { $0 }
                try await bench.advance(until: "tried") { tries.withLock { $0 } > before + 5 }
                #expect(try await bench.slots() == ["fired"])
                #expect(bench.sink.messages("all agent runners busy, skipping scheduled run").isEmpty)
                isFull.withLock { $0 = false }
                try await bench.advance(until: "skipped") { try await bench.slots().count == 2 }
            }
            #expect(bench.sink.messages("all agent runners busy, skipping scheduled run").count == 1)
        }
    }

    @Test("slots say why they were skipped: paused, disabled, draining")
    func reasons() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try scheduled()])
            try await bench.running(scheduler) {
                try await scheduler.setPaused(true)
                try await bench.advance(until: "paused") { try await bench.slots().count == 1 }
                try await scheduler.setPaused(false)
                try await scheduler.setEnabled(false, agent: "dev")
                try await bench.advance(until: "disabled") { try await bench.slots().count == 2 }
                try await scheduler.setEnabled(true, agent: "dev")
                let run = try await scheduler.trigger("dev", prompt: nil)
                #expect(run.instance != nil)
                _ = try await scheduler.stop(StopOrder())
                try await bench.advance(until: "draining") { try await bench.slots().count == 3 }
            }
            #expect(try await bench.slots() == ["skipped paused", "skipped disabled", "skipped draining"])
        }
    }

    @Test("§19.12: disabling one agent skips its slots and no others; enabled again it fires")
    func disabledAmongOthers() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store) { _ in .init(exitCode: 0) }
            let cron = try CronSchedule("* * * * *")
            let agents = try ["a", "b", "c"].map { name in try agent(name) { $0.schedule = cron } }
            let scheduler = bench.scheduler(agents)
            try await bench.running(scheduler) {
                try await scheduler.setEnabled(false, agent: "b")
                try await bench.advance(until: "three slots") { try await bench.slots(of: "c").count == 3 }
                for name in ["a", "c"] { #expect(try await bench.slots(of: name) == ["fired", "fired", "fired"]) }
                #expect(try await bench.slots(of: "b") == Array(repeating: "skipped disabled", count: 3))
                try await scheduler.setEnabled(true, agent: "b")
                try await bench.advance(until: "fired") { try await bench.slots(of: "b").last == "fired" }
            }
        }
    }

    @Test("the next run is shown after each tick, on enable and on resume; not while disabled")
    func nextRun() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store) { _ in .init(exitCode: 0) }
            let scheduler = bench.scheduler([try scheduled()])
            func next() async throws -> Date? { try await scheduler.status().agents[0].nextRunAt }
            try await bench.running(scheduler) {
                let first = try #require(try await next())
                #expect(first.timeIntervalSince(bench.time.date) <= 60)
                try await bench.advance(until: "fired") { try await bench.slots().count == 1 }
                #expect(try await next() == first + 60)
                try await scheduler.setEnabled(false, agent: "dev")
                #expect(try await next() == nil)
                try await bench.advance(until: "skipped") { try await bench.slots().count == 2 }
                #expect(try await next() == nil)
                try await scheduler.setEnabled(true, agent: "dev")
                #expect(try await next() == first + 120)
            }
        }
    }

    @Test("slots that passed while no scheduler ran are missed, and none is made up for")
    func downtime() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store) { _ in .init(exitCode: 0) }
            let dev = try scheduled()
            try await bench.running(bench.scheduler([dev])) {
                try await bench.advance(until: "fired") { try await bench.slots().count == 1 }
            }
            bench.time.advance(by: .seconds(185))
            try await bench.running(bench.scheduler([dev])) { await bench.settle() }
            #expect(try await bench.slots() == ["fired", "missed", "missed", "missed"])
            #expect(await bench.runtime.launches.count == 1)
        }
    }

    @Test("slots are missed also when the schedule never fired before the scheduler stopped")
    func neverFired() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try scheduled()
            try await bench.running(bench.scheduler([dev])) { await bench.settle() }
            bench.time.advance(by: .seconds(130))
            try await bench.running(bench.scheduler([dev])) { await bench.settle() }
            #expect(try await bench.slots() == ["missed", "missed"])
        }
    }

    @Test("a schedule that is new owes nothing to the time before it, nor does one that was changed")
    func newSchedule() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            try await bench.running(bench.scheduler([try scheduled("0 0 31 2 *")])) { await bench.settle() }
            bench.time.advance(by: .seconds(600))
            try await bench.running(bench.scheduler([try scheduled()])) { await bench.settle() }
            #expect(try await bench.slots().isEmpty)
        }
    }

    @Test("missedRuns = one: at start one run makes up for all slots missed, and there is no initial run besides")
    func catchUpAtStart() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store) { _ in .init(exitCode: 0) }
            let dev = try scheduled {
                $0.missedRuns = .one
                $0.initialRun = true
            }
            try await bench.running(bench.scheduler([dev])) {
                _ = try await bench.ended(try await bench.launched(1))
            }
            bench.time.advance(by: .seconds(185))
            try await bench.running(bench.scheduler([dev])) {
                _ = try await bench.launched(2)
                await bench.settle()
            }
            #expect(try await bench.slots() == ["missed", "missed", "fired"])
            #expect(try await bench.slotRecords().last?.catchUp == 3)
            #expect(await bench.runtime.launches.count == 2)
            guard case .schedule(let slot) = await bench.runtime.launches[1].trigger else {
                return #expect(Bool(false), "not a scheduled run")
            }
            let due = try await bench.slotRecords().last?.dueAt
            #expect(slot == due)
        }
    }

    @Test("a clock that jumps forward leaves missed slots behind", arguments: MissedRunsPolicy.allCases)
    func forwardJump(policy: MissedRunsPolicy) async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store) { _ in .init(exitCode: 0) }
            let scheduler = bench.scheduler([try scheduled { $0.missedRuns = policy }])
            try await bench.running(scheduler) {
                try await bench.advance(until: "fired") { try await bench.slots().count == 1 }
                bench.time.setWallClock(by: 300)
                try await bench.advance(until: "noticed") { try await bench.slots().count >= 6 }
            }
            let slots = try await bench.slots()
            #expect(slots.count { $0 == "missed" } >= 3)
            #expect(policy == .one ? slots.last == "fired" : slots.suffix(2).contains("fired"))
            let catchUp = try await bench.slotRecords().last?.catchUp
            #expect((catchUp != nil) == (policy == .one))
        }
    }

    @Test("a clock that is set back fires nothing twice, and goes on where it was")
    func backwardJump() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store) { _ in .init(exitCode: 0) }
            let scheduler = bench.scheduler([try scheduled()])
            try await bench.running(scheduler) {
                try await bench.advance(until: "three") { try await bench.slots().count == 3 }
                bench.time.setWallClock(by: -120)
                await bench.pass(115)
                #expect(try await bench.slots() == ["fired", "fired", "fired"])
                try await bench.advance(until: "the next") { try await bench.slots().count == 4 }
            }
            #expect(await bench.runtime.launches.count == 4)
            let due = try await bench.slotRecords().map(\.dueAt)
            #expect(Set(due).count == 4)
        }
    }

    @Test("after a restart with the clock set back, slots that have a record do not fire again")
    func backwardRestart() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store) { _ in .init(exitCode: 0) }
            let dev = try scheduled()
            try await bench.running(bench.scheduler([dev])) {
                try await bench.advance(until: "two") { try await bench.slots().count == 2 }
            }
            bench.time.setWallClock(by: -90)
            try await bench.running(bench.scheduler([dev])) { await bench.pass(100) }
            #expect(await bench.runtime.launches.count == 2)
        }
    }

    @Test("with jitter a slot fires later and keeps its due time")
    func jitter() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store) { _ in .init(exitCode: 0) }
            let scheduler = bench.scheduler([try scheduled("0 * * * *") { $0.jitter = 600 }])
            let offset = ScheduleJitter.seconds(
                project: "0123456789ab",
                agent: try AgentName("dev"),
                within: 600
            )
            try #require(offset > 0)
            try await bench.running(scheduler) {
                let shown = try #require(try await scheduler.status().agents[0].nextRunAt)
                try await bench.advance(until: "fired", by: .seconds(5)) { try await bench.slots().count == 1 }
                let record = try #require(try await bench.slotRecords().first)
                #expect(Int(record.dueAt.timeIntervalSince1970) % 3600 == 0)
                #expect(shown == record.dueAt + Double(offset))
                let run = try #require(await bench.runtime.launches.first?.instance.run)
                let started = try #require(try await store.run(run)?.startedAt)
                #expect(started >= shown && started < shown + 60)
            }
        }
    }

    @Test("each agent's schedule counts in its own zone, else the project's")
    func zones() async throws {
        try await withTemporaryStore { store in
            // 2026-01-15T10:00:00Z.
            let bench = Bench(store, start: Date(timeIntervalSince1970: 1_768_471_200))
            let cron = try CronSchedule("0 12 * * *")
            let names = ["dev": "America/New_York", "ops": nil]
            let agents = try names.map { name, zone in
                try agent(name) {
                    $0.schedule = cron
                    $0.timezone = zone
                }
            }
            let scheduler = bench.scheduler(agents) { $0.timezone = "Europe/Berlin" }
            try await bench.running(scheduler) {
                let shown = try await scheduler.status().agents.map { $0.nextRunAt }
                #expect(shown == [bench.time.date + 7 * 3600, bench.time.date + 3600])
            }
            #expect(bench.sink.messages("Scheduled dev: \"0 12 * * *\" (America/New_York)").count == 1)
            #expect(bench.sink.messages("Scheduled ops: \"0 12 * * *\" (Europe/Berlin)").count == 1)
        }
    }

    @Test(
        "when the clocks change a lost time fires once at the end of the gap, a repeated one once",
        arguments: [
            // 2026-03-29 00:50 UTC: in Berlin 02:00 becomes 03:00 at 01:00 UTC.
            (1_774_745_400.0, ["2026-03-29T01:00:00Z"]),
            // 2026-10-25 00:20 UTC: in Berlin 03:00 becomes 02:00 at 01:00 UTC.
            (1_792_887_600.0, ["2026-10-25T00:30:00Z"]),
        ]
    )
    func clockChange(start: Double, expected: [String]) async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store, start: Date(timeIntervalSince1970: start)) { _ in .init(exitCode: 0) }
            let scheduler = bench.scheduler([try scheduled("30 2 * * *") { $0.timezone = "Europe/Berlin" }])
            try await bench.running(scheduler) { await bench.pass(2 * 3600, by: 30) }
            #expect(try await bench.slotRecords().map { $0.dueAt.formatted(.iso8601) } == expected)
            #expect(try await bench.slots() == ["fired"])
        }
    }
}
