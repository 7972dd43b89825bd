import Domain
import Foundation
import Runtimes
import Storage
import TestSupport
import Testing

@testable import Scheduler

/// Must-pass scenarios that no other suite has.
///
/// Whoever tests one names it `§19.<number>`. All of them, and where:
///
/// | § 19 | what happens | in virtual time, beside this suite | with the real binary (`alTests`, `Scripts`) |
/// |---|---|---|---|
/// | 1 | three webhooks, one runner: in order | `QueueTests` | |
/// | 2 | a full queue drops its oldest | `QueueTests` | |
/// | 3 | a tick while busy | `ClockAndStopTests`, `SlotTests` | |
/// | 4 | reruns for ever | `RunTests` | |
/// | 5 | a webhook run asks for a rerun | `RunTests` | |
/// | 6 | calls of oneself, in a circle, too deep | `CallTests` | |
/// | 7 | the caller ends first | `CallTests` | |
/// | 8 | 200 KB come back | `CallTests` | `ScenarioProcessTests` |
/// | 9 | a lock left behind | here | |
/// | 10 | `kill -9` of the scheduler | `RestartTests`, `SimulationTests` | `faults kills`, `faults handover` |
/// | 11 | time is over for who does not obey | here, `RunTests` | `ScenarioProcessTests`; containers: `faults timeout` |
/// | 12 | order and switches of agents | `ClockAndStopTests`, `SlotTests` | |
/// | 13 | two projects, one name | here | |
/// | 14 | an edit during a run | `HotReloadTests` | |
/// | 15 | midnight | here | |
/// | 16 | no model of Anthropic | | `ScenarioProcessTests` |
/// | 17 | stop, grace, signals | `ClockAndStopTests` | `ScenarioProcessTests`, `faults handover` |
/// | 18 | everything has its end | `Bench` audits every test | each of them audits |
@Suite("Scenarios of the specification")
struct ScenarioTests {
    /// How a run that holds a lock comes to its end.
    enum End: CaseIterable { case success, failure, kill, timeout, vanished }

    @Test("§19.9: the lock of a run is free when the run is over, however it ended", arguments: End.allCases)
    func lockIsFree(end: End) async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("dev") { $0.timeout = 60 }, try agent("other")])
            try await bench.running(scheduler) {
                let run = try #require(try await scheduler.trigger("dev", prompt: nil).instance)
                let other = try #require(try await scheduler.trigger("other", prompt: nil).instance)
                _ = try await bench.launched(2)
                _ = try await scheduler.acquireLock("k", ttl: 3600, by: run)
                #expect(try await scheduler.acquireLock("k", ttl: nil, by: other) != .notFound)
                switch end {
                case .success: await bench.runtime.finish(run)
                case .failure: await bench.runtime.finish(run, code: 15)
                case .kill: try await scheduler.kill(instance: run.rawValue)
                case .vanished: await bench.runtime.vanish(run)
                case .timeout:
                    try await bench.advance(until: "watchdog") { await !bench.runtime.kills.isEmpty }
                }
                _ = try await bench.ended(run)
                guard case .ok = try await scheduler.acquireLock("k", ttl: nil, by: other) else {
                    return #expect(Bool(false), "the lock is still held")
                }
            }
        }
    }

    @Test("§19.11: a run that ends itself at its timeout is timed out too, and its container is gone")
    func innerTimeout() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store) { _ in .init(exitCode: 124) }
            let scheduler = bench.scheduler([try agent("dev") { $0.timeout = 2 }])
            try await bench.running(scheduler) {
                _ = try await scheduler.trigger("dev", prompt: nil)
                let record = try await bench.ended(try await bench.launched(1))
                #expect(record.state == .timedOut)
                #expect(record.outcome?.reason == "Timed out after 2s")
                try await bench.until("removed") { await bench.runtime.remaining == 0 }
            }
        }
    }

    @Test("§19.13: starting one project never touches the runs of another with an agent of the same name")
    func twoProjects() async throws {
        try await withTemporaryStore { first in
            try await withTemporaryStore { second in
                let bench = Bench(first)
                let dev = try agent("dev")
                let here = bench.scheduler([dev])
                try await bench.running(here) {
                    let run = try #require(try await here.trigger("dev", prompt: nil).instance)
                    _ = try await bench.launched(1)
                    let neighbour = Bench(second, runtime: bench.runtime)
                    let there = neighbour.scheduler([dev], project: "ba9876543210")
                    try await neighbour.running(there) { await neighbour.settle() }
                    #expect(await bench.runtime.alive == [run])
                    #expect(await bench.runtime.kills.isEmpty)
                }
            }
        }
    }

    @Test("§19.15: a scheduler that lives over midnight UTC writes into two files")
    func midnight() async throws {
        try await withTemporaryDirectory { directory in
            let store = try SQLiteStore(path: directory + "/state.db")
            let bench = Bench(store, start: Date(timeIntervalSince1970: 1_709_251_190))
            let files = try LogFiles(
                stateDirectory: directory,
                process: 7,
                host: "h",
                now: { [time = bench.time] in time.date }
            )
            let scheduler = bench.scheduler([try agent("dev")], logSink: files)
            try await bench.running(scheduler) {
                let run = try #require(try await scheduler.trigger("dev", prompt: nil).instance)
                _ = try await bench.launched(1)
                await bench.pass(20)
                await bench.runtime.finish(run)
                _ = try await bench.ended(run)
                try await bench.until("logged") {
                    FileManager.default.fileExists(atPath: directory + "/logs/dev-2024-03-01.log")
                }
            }
            #expect(FileManager.default.fileExists(atPath: directory + "/logs/dev-2024-02-29.log"))
        }
    }

    @Test("a run whose clock is set far ahead is not taken for overdue")
    func monotonicDeadline() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("dev") { $0.timeout = 60 }])
            try await bench.running(scheduler) {
                _ = try await scheduler.trigger("dev", prompt: nil)
                bench.time.setWallClock(by: 86_400)
                _ = try await bench.launched(1)
                await bench.pass(70)
                #expect(await bench.runtime.kills.isEmpty)
                try await bench.advance(until: "watchdog") { await !bench.runtime.kills.isEmpty }
            }
        }
    }

    @Test("an adopted run has only what is left of its timeout")
    func adoptedDeadline() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev") { $0.timeout = 60 }
            _ = try await bench.leaveRunning("dev", by: bench.scheduler([dev]))
            bench.time.advance(by: .seconds(70))
            try await bench.running(bench.scheduler([dev])) {
                await bench.settle()
                await bench.pass(4)
                #expect(await bench.runtime.kills.isEmpty)
                try await bench.advance(until: "watchdog") { await !bench.runtime.kills.isEmpty }
            }
        }
    }

    @Test("locks of runs that are not there any more are free after a start")
    func staleLocks() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let gone = InstanceID(agent: try AgentName("dev"), run: RunID(bits: 99))
            _ = try await store.acquireLock("k", holder: gone, ttl: .seconds(3600), at: bench.time.date)
            let scheduler = bench.scheduler([try agent("dev")])
            try await bench.running(scheduler) {
                let locks = try await scheduler.locks()
                #expect(locks.isEmpty)
            }
        }
    }
}
