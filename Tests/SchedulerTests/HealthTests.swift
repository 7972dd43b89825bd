import Foundation
import Runtimes
import Storage
import TestSupport
import Testing

@testable import Scheduler

@Suite("What is known to be broken", .timeLimit(.minutes(5)))
struct HealthTests {
    @Test("a runtime that does not answer is told until it does, without what it said")
    func runtime() async throws {
        try await withScheduler { bench, scheduler in
            #expect(await scheduler.problems().isEmpty)
            await bench.runtime.setSilence(
                RuntimeError(code: .unavailable, message: "no /var/run/docker.sock", isTransient: true)
            )
            try await bench.advance(until: "noticed", by: .seconds(30)) { await !scheduler.problems().isEmpty }
            #expect(await scheduler.problems() == ["runtime: host does not answer"])
            #expect(try await scheduler.status().problems == ["runtime: host does not answer"])
            await bench.pass(60, by: 30)
            #expect(bench.sink.messages("The runtime does not answer").count == 1)
            await bench.runtime.setSilence(nil)
            try await bench.advance(until: "healed", by: .seconds(30)) { await scheduler.problems().isEmpty }
        }
    }

    @Test("that the machine's clock was set is told for an hour")
    func clock() {
        var health = Health()
        let time = Date(timeIntervalSince1970: 1_700_000_000)
        #expect(health.look(at: time, uptime: .seconds(5)) == nil)
        #expect(health.look(at: time + 31, uptime: .seconds(35)) == nil)
        #expect(health.problems(of: "host", at: time + 31).isEmpty)
        #expect(health.look(at: time + 3661, uptime: .seconds(65)) == 3600)
        #expect(health.problems(of: "host", at: time + 3700) == ["clock: it was set forward by 3600 s"])
        #expect(health.look(at: time + 61, uptime: .seconds(65)) == -3600)
        #expect(health.problems(of: "host", at: time + 100) == ["clock: it was set back by 3600 s"])
        #expect(health.problems(of: "host", at: time + 3700).isEmpty)
        #expect(health.look(at: .distantFuture, uptime: .seconds(95)) != nil)
    }
}
