import Domain
import Storage
import TestSupport
import Testing

@testable import Scheduler

@Suite("A run's order to end it", .timeLimit(.minutes(5)))
struct ShutdownTests {
    @Test("15.11 it is killed at once, ends with its reason, and its lock is free for the next")
    func shutDown() async throws {
        try await withScheduler(of: [try agent("a"), try agent("b")]) { bench, scheduler in
            let run = try #require(try await scheduler.trigger("a", prompt: nil).instance)
            let other = try #require(try await scheduler.trigger("b", prompt: nil).instance)
            _ = try await bench.launched(2)
            try await bench.until("running") { try await bench.store.run(run.run)?.state == .running }
            guard case .ok = try await scheduler.acquireLock("issue", ttl: nil, by: run) else {
                Issue.record("no lock")
                return
            }
            #expect(try await scheduler.shutDown(run, reason: "a key leaked") == "al-\(run)")
            #expect(await bench.runtime.kills.map(\.instance) == [run])
            #expect(await bench.runtime.kills.map(\.grace) == [.zero])
            // No clock has moved since.
            let record = try await bench.ended(run)
            #expect(record.state == .killed)
            #expect(record.outcome?.reason?.contains("a key leaked") == true)
            guard case .ok = try await scheduler.acquireLock("issue", ttl: nil, by: other) else {
                Issue.record("the lock is not free")
                return
            }
        }
    }
}
