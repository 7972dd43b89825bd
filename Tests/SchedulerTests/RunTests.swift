import Domain
import Foundation
import OrderedCollections
import Runtimes
import Storage
import TestSupport
import Testing

@testable import Scheduler

@Suite struct RunTests {
    @Test("§19.4: a run that asks for reruns for ever is run again maxReruns times, then the agent is idle")
    func reruns() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store) { _ in .init(exitCode: 42) }
            let scheduler = bench.scheduler([try agent("dev")]) { $0.maxReruns = 2 }
            try await bench.running(scheduler) {
                _ = try await scheduler.trigger("dev", prompt: "task")
                try await bench.until("idle") {
                    let removed = await bench.runtime.remaining == 0
                    let launches = await bench.runtime.launches.count
                    let state = try await scheduler.status().agents[0].state
                    return removed && launches == 3 && state == "idle"
                }
            }
            #expect(bench.sink.messages("dev hit max reruns limit").count == 1)
            let triggers = await bench.runtime.launches.map(\.trigger)
            #expect(triggers == [.manual(prompt: "task"), .manual(prompt: nil), .manual(prompt: nil)])
        }
    }

    @Test("§19.5: a webhook run that asks for a rerun runs once")
    func noWebhookRerun() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store) { _ in .init(exitCode: 42) }
            let scheduler = bench.scheduler([try agent("dev")])
            try await bench.running(scheduler) {
                _ = try await scheduler.accept(delivery(1))
                let record = try await bench.ended(try await bench.launched(1))
                #expect(record.outcome?.wantsRerun == true)
                _ = try await scheduler.accept(delivery(2))
                _ = try await bench.launched(2)
            }
            #expect(await bench.runtime.launches.compactMap(\.event) == ["e1", "e2"])
        }
    }

    @Test("usage, rerun request and transcript come from the lines of the run, log lines go to the agent's file")
    func lines() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store) { _ in
                .init(
                    lines: [
                        #"{"_log":true,"level":"debug","msg":"message","seq":0,"part":0,"of":2,"json":"{\"seq\"","ts":1}"#,
                        #"{"_log":true,"level":"debug","msg":"message","seq":0,"part":1,"of":2,"json":":0}","ts":1}"#,
                        #"{"_log":true,"msg":"tool error","tool":"bash","cmd":"ls","result":"no","ts":1700000000005}"#,
                        "plain text",
                        #"{"_log":true,"level":"info","msg":"signal-result","type":"return","value":"v","ts":6}"#,
                        #"{"_log":true,"level":"info","msg":"token-usage","inputTokens":7,"cost":0.5,"turnCount":2,"ts":7}"#,
                    ],
                    exitCode: 0
                )
            }
            let scheduler = bench.scheduler([try agent("dev")])
            try await bench.running(scheduler) {
                _ = try await scheduler.trigger("dev", prompt: nil)
                let record = try await bench.ended(try await bench.launched(1))
                #expect(record.outcome?.usage == TokenUsage(input: 7, cost: 0.5, turns: 2))
                #expect(record.outcome?.returnValue == "v")
            }
            #expect(bench.sink.transcripts == [#"{"seq":0}"#])
            #expect(bench.sink.messages("message").isEmpty)
            #expect(bench.sink.messages("output").first?.fields["text"] == "plain text")
            #expect(bench.sink.messages("tool error").first?.time == Date(timeIntervalSince1970: 1_700_000_000.005))
        }
    }

    @Test("a line of a run begins where the line does")
    func quotedLine() async throws {
        try await withTemporaryStore { store in
            let text = #"quoted: {"_log":true,"level":"info","msg":"token-usage","inputTokens":7,"ts":1}"#
            let bench = Bench(store) { _ in .init(lines: [text], exitCode: 0) }
            let scheduler = bench.scheduler([try agent("dev")])
            try await bench.running(scheduler) {
                _ = try await scheduler.trigger("dev", prompt: nil)
                let record = try await bench.ended(try await bench.launched(1))
                #expect(record.outcome?.usage == nil)
            }
            #expect(bench.sink.messages("output").map { $0.fields["text"] } == [.string(text)])
        }
    }

    @Test("a run's secret is hidden wherever the run prints or says it")
    func runSecret() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store) { launch in
                .init(lines: [
                    "s=\(launch.secret)", #"{"_log":true,"msg":"assistant","text":"\#(launch.secret)","ts":1}"#,
                    Data(launch.secret.utf8).base64EncodedString(),
                ])
            }
            let scheduler = bench.scheduler([try agent("dev")])
            try await bench.running(scheduler) {
                _ = try await scheduler.trigger("dev", prompt: nil)
                let instance = try await bench.launched(1)
                let secret = try #require(await bench.runtime.launches.first?.secret)
                try await bench.until("line read") { bench.sink.messages("output").count == 2 }
                await scheduler.setStatus("at \(secret)", of: instance)
                try await scheduler.setReturnValue("is \(secret)", isBeginning: false, of: instance)
                #expect(try await scheduler.status().agents.first?.statusText == "at [redacted:gateway.secret]")
                await bench.runtime.finish(instance)
                let record = try await bench.ended(instance)
                #expect(record.outcome?.returnValue == "is [redacted:gateway.secret]")
                #expect(record.outcome?.summary == "[redacted:gateway.secret]")
            }
            let output = bench.sink.messages("output").map { $0.fields["text"] }
            #expect(output == ["s=[redacted:gateway.secret]", "[redacted:gateway.secret]"])
        }
    }

    @Test("a run that is killed before it tells its sum has used what its replies told")
    func usageOfKilledRun() async throws {
        try await withTemporaryStore { store in
            let reply = #"{"_log":true,"level":"debug","msg":"turn-usage","inputTokens":7,"cost":0.5,"turnCount":1}"#
            let bench = Bench(store) { _ in .init(lines: [reply, reply, "both read"]) }
            let scheduler = bench.scheduler([try agent("dev")])
            try await bench.running(scheduler) {
                let instance = try #require(try await scheduler.trigger("dev", prompt: nil).instance)
                try await bench.until("both replies were read") { !bench.sink.messages("output").isEmpty }
                try await scheduler.kill(instance: instance.rawValue)
                let outcome = try await bench.ended(instance).outcome
                #expect(outcome?.state == .killed && outcome?.usage == TokenUsage(input: 14, cost: 1, turns: 2))
            }
        }
    }

    @Test("a launch that fails for a passing reason is tried again after 1, 5 and 25 seconds")
    func launchRetries() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store) { _ in .init(exitCode: 0) }
            let busy = RuntimeError(code: .unavailable, message: "engine down", isTransient: true)
            await bench.runtime.failNextLaunches([busy, busy, busy])
            let scheduler = bench.scheduler([try agent("dev")])
            try await bench.running(scheduler) {
                _ = try await scheduler.accept(delivery(1))
                for (number, delay) in [1, 5, 25].enumerated() {
                    try await bench.until("retry") {
                        bench.sink.messages("launch failed, trying again").count == number + 1
                    }
                    #expect(await bench.runtime.launches.isEmpty)
                    for _ in 0..<100 { await Task.yield() }
                    bench.time.advance(by: .seconds(delay))
                }
                #expect(try await bench.ended(try await bench.launched(1)).state == .succeeded)
            }
        }
    }

    @Test("a run is told how long locks live, how deep calls nest and whom it may call")
    func environment() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("dev")]) {
                $0.gateway.lockTimeout = 77
                $0.maxCallDepth = 5
            }
            try await bench.running(scheduler) {
                _ = try await scheduler.trigger("dev", prompt: nil)
                _ = try await bench.launched(1)
            }
            let environment = await bench.runtime.launches.first?.environment
            #expect(environment == ["AL_LOCK_TIMEOUT": "77", "AL_MAX_CALL_DEPTH": "5"])
        }
    }

    @Test("a launch that cannot succeed fails the run with the runtime's words")
    func launchFails() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            await bench.runtime.failNextLaunches([RuntimeError(code: .imageMissing, message: "no image")])
            let scheduler = bench.scheduler([try agent("dev")])
            try await bench.running(scheduler) {
                let answer = try await scheduler.trigger("dev", prompt: nil)
                let record = try await bench.ended(try #require(answer.instance))
                #expect(record.outcome == RunOutcome(state: .failed, reason: "no image"))
                try await bench.until("error shown") { try await scheduler.status().agents[0].lastError == "no image" }
            }
        }
    }

    @Test("only its exit code has an agent run again, not the signal before that")
    func rerunSignal() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("dev")])
            try await bench.running(scheduler) {
                let instance = try #require(try await scheduler.trigger("dev", prompt: nil).instance)
                _ = try await bench.launched(1)
                try await scheduler.requestRerun(by: instance)
                await bench.runtime.finish(instance)
                #expect(try await bench.ended(instance).outcome?.wantsRerun == false)
                try await bench.until("idle") { try await scheduler.status().agents[0].runningCount == 0 }
            }
            #expect(await bench.runtime.launches.count == 1)
        }
    }

    @Test("the watchdog counts from the launch, however long that took")
    func watchdogAfterSlowLaunch() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let busy = RuntimeError(code: .unavailable, message: "engine down", isTransient: true)
            await bench.runtime.failNextLaunches([busy, busy, busy])
            let scheduler = bench.scheduler([try agent("dev") { $0.timeout = 10 }])
            try await bench.running(scheduler) {
                let instance = try #require(try await scheduler.trigger("dev", prompt: nil).instance)
                try await bench.advance(until: "launched") { await bench.runtime.launches.count == 1 }
                try await bench.until("running") { try await store.run(instance.run)?.state == .running }
                await bench.pass(20)
                #expect(await bench.runtime.kills.isEmpty)
                await bench.pass(10)
                #expect(try await bench.ended(instance).state == .timedOut)
            }
        }
    }

    @Test("§19.11: the watchdog ends a run 15 s after its timeout and its lock is free")
    func watchdog() async throws {
        try await withScheduler(of: [try agent("dev") { $0.timeout = 2 }]) { bench, scheduler in
            let answer = try await scheduler.trigger("dev", prompt: nil)
            let instance = try #require(answer.instance)
            _ = try await scheduler.acquireLock("k", ttl: nil, by: instance)
            try await bench.until("running") { try await bench.store.run(instance.run)?.state == .running }
            for _ in 0..<1000 { await Task.yield() }
            bench.time.advance(by: .seconds(16))
            #expect(await bench.runtime.kills.isEmpty)
            try await bench.until("killed") {
                bench.time.advance(by: .seconds(1))
                return await !bench.runtime.kills.isEmpty
            }
            let record = try await bench.ended(instance)
            #expect(record.state == .timedOut)
            #expect(record.outcome?.exitCode == 124)
            #expect(try await scheduler.locks().isEmpty)
        }
    }

    @Test("a kill ends the run as killed; the agent goes on with what waits")
    func kill() async throws {
        try await withScheduler { bench, scheduler in
            _ = try await scheduler.accept(delivery(1))
            _ = try await scheduler.accept(delivery(2))
            let first = try await bench.launched(1)
            #expect(try await scheduler.kill(agent: "dev") == 1)
            #expect(try await bench.ended(first).state == .killed)
            _ = try await bench.launched(2)
            await #expect(throws: RefusalError(code: .notFound, reason: "Instance x not found")) {
                try await scheduler.kill(instance: "x")
            }
        }
    }

    @Test("a kill while the launch is retried is remembered")
    func killWhileStarting() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            await bench.runtime.failNextLaunches([RuntimeError(code: .unavailable, message: "down", isTransient: true)])
            let scheduler = bench.scheduler([try agent("dev")])
            try await bench.running(scheduler) {
                let answer = try await scheduler.trigger("dev", prompt: nil)
                let instance = try #require(answer.instance)
                try await bench.until("retry") { !bench.sink.messages("launch failed, trying again").isEmpty }
                try await scheduler.kill(instance: instance.rawValue)
                // At once: nobody waits for the next attempt.
                #expect(try await bench.ended(instance).state == .killed)
                #expect(await bench.runtime.launches.isEmpty)
            }
        }
    }
}
