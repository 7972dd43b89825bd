import Domain
import Foundation
import Runtimes
import Storage
import TestSupport
import Testing

@testable import Scheduler

@Suite("Lifecycle events and upkeep")
struct EventAndUpkeepTests {
    @Test("what happens is told in order, with the new run's own name")
    func events() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("dev"), try agent("ops") { $0.webhooks = [] }])
            let events = await scheduler.lifecycleEvents()
            try await bench.running(scheduler) {
                _ = try await scheduler.accept(delivery(1))
                let run = try await bench.launched(1)
                _ = try await scheduler.acquireLock("k", ttl: nil, by: run)
                _ = try await scheduler.heartbeatLock("other", ttl: nil, by: run)
                await scheduler.setStatus("busy", of: run)
                _ = try await scheduler.call("ops", context: "", by: run)
                await #expect(throws: RefusalError.self) { try await scheduler.call("x", context: "", by: run) }
                await bench.runtime.finish(run, code: 11)
                _ = try await bench.ended(run)
                try await bench.until("told") { try await scheduler.status().agents[0].lastError != nil }
            }
            var told: [String] = []
            for await event in events where event.json["agentName"]?.stringValue != "ops" {
                told.append(event.json.compactText)
            }
            let name = #""agentName":"dev","instanceId":"dev-"#
            let starts = [
                #"{"type":"webhook:received","source":"test","event":"e1"}"#,
                #"{"type":"webhook:dispatched","source":"test","agents":["dev"]}"#,
                #"{"type":"run:start",\#(name)"#, #"{"type":"lock",\#(name)"#, #"{"type":"lock",\#(name)"#,
                #"{"type":"signal",\#(name)"#, #"{"type":"call","callerAgent":"dev","targetAgent":"ops","ok":true,"#,
                #"{"type":"call","callerAgent":"dev","targetAgent":"x","ok":false,"reason":"target agent"#,
                #"{"type":"run:end",\#(name)"#,
            ]
            #expect(told.count == starts.count)
            for (text, start) in zip(told, starts) { #expect(text.hasPrefix(start), "\(text)") }
            #expect(told[2].contains(#""trigger":"webhook:test""#))
            #expect(told[3].contains(#""action":"acquire","ok":true,"status":200"#))
            #expect(told[4].contains(#""action":"heartbeat","ok":false,"status":404,"reason":"lock not found""#))
            #expect(told[8].contains(#""result":"error","exitCode":11"#))
        }
    }

    @Test("the longest wait is one that the system's clock can sleep")
    func longestWait() async {
        await withTaskGroup(of: Void.self) { group in
            let (beginnings, began) = AsyncStream.makeStream(of: Void.self)
            group.addTask {
                began.yield()
                try? await ContinuousClock().sleep(for: Scheduler.pause(.greatestFiniteMagnitude))
            }
            for await _ in beginnings { break }
            group.cancelAll()
        }
    }

    @Test("times beyond every calendar are as good as for ever")
    func endlessTimes() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store) { _ in .init(exitCode: 0) }
            let scheduler = bench.scheduler([try agent("dev") { $0.timeout = .max }]) { config in
                config.historyRetentionDays = .max
                config.gateway.lockTimeout = .max
            }
            try await bench.running(scheduler) {
                _ = try await scheduler.trigger("dev", prompt: nil)
                let record = try await bench.ended(try await bench.launched(1))
                await bench.pass(120, by: 30)
                #expect(try await store.run(record.instance.run)?.state == .succeeded)
            }
        }
    }

    @Test("a listener that is too slow loses the oldest events, not the newest")
    func backlog() async {
        let broadcast = Broadcaster<LifecycleEvent>(backlog: Scheduler.backlog)
        let slow = broadcast.subscribe()
        for number in 0..<Scheduler.backlog + 10 {
            broadcast.send(.webhookReceived(source: "s", event: "\(number)"))
        }
        broadcast.finish()
        var events: [String] = []
        for await event in slow { events.append(event.json["event"]?.stringValue ?? "") }
        #expect(events.count == Scheduler.backlog)
        #expect(events.first == "10")
    }

    @Test("locks whose time is over are swept; history older than the project keeps goes at start and once a day")
    func upkeep() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store) { _ in .init(exitCode: 0) }
            let scheduler = bench.scheduler([try agent("dev")]) { $0.historyRetentionDays = 2 }
            try await bench.running(scheduler) {
                _ = try await scheduler.trigger("dev", prompt: nil)
                let old = try await bench.ended(try await bench.launched(1))
                await bench.pass(86_400, by: 3600)
                _ = try await scheduler.trigger("dev", prompt: nil)
                let newer = try await bench.ended(try await bench.launched(2))
                #expect(try await store.run(old.instance.run) != nil)
                await bench.pass(86_400 + 3600, by: 3600)
                try await bench.advance(until: "pruned", by: .seconds(3600)) {
                    try await store.run(old.instance.run) == nil
                }
                #expect(try await store.run(newer.instance.run) != nil)
            }
        }
    }

    @Test("a return value of more than a mebibyte is cut between characters, and its record says so")
    func cutReturnValue() async throws {
        try await withScheduler(of: [try agent("a"), try agent("b")]) { bench, scheduler in
            let caller = try #require(try await scheduler.trigger("a", prompt: nil).instance)
            let call = try await scheduler.call("b", context: "", by: caller)
            let callee = try await bench.launched(2)
            let value = "x" + String(repeating: "ü", count: 1 << 19)
            try await scheduler.setReturnValue(value, isBeginning: false, of: callee)
            await bench.runtime.finish(callee)
            _ = try await bench.ended(callee)
            let record = try #require(try await bench.store.call(call, madeBy: caller))
            #expect(record.isReturnValueCut)
            #expect(record.returnValue?.utf8.count == (1 << 20) - 1)
            #expect(record.callee == callee)
            #expect(record.depth == 1)
            #expect(bench.sink.messages("return value cut").count == 1)
        }
    }

    @Test("what a run says of its own failure stands in its record")
    func error() async throws {
        try await withTemporaryStore { store in
            let line = #"{"_log":true,"level":"error","msg":"session error","error":"overloaded","ts":1}"#
            let bench = Bench(store) { _ in .init(lines: [line], exitCode: 1) }
            let scheduler = bench.scheduler([try agent("dev")])
            try await bench.running(scheduler) {
                _ = try await scheduler.trigger("dev", prompt: nil)
                let record = try await bench.ended(try await bench.launched(1))
                #expect(record.outcome?.error == "overloaded")
            }
        }
    }

    @Test("while it drains the scheduler tells for how many runs it waits")
    func draining() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("dev") { $0.scale = 2 }])
            try await bench.runningToItsEnd(scheduler) {
                for _ in 1...2 { _ = try await scheduler.trigger("dev", prompt: nil) }
                _ = try await bench.launched(2)
                _ = try await scheduler.stop(StopOrder())
                for number in 1...2 {
                    await bench.runtime.finish(try await bench.launched(number))
                    _ = try await bench.ended(try await bench.launched(number))
                }
                try await bench.advance(until: "stopped") { await bench.runtime.remaining == 0 }
                await bench.settle()
                bench.time.advance(by: .seconds(1))
            }
            #expect(bench.drained == [2, 1, 0])
        }
    }
}
