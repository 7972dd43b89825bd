import Domain
import Foundation
import OrderedCollections
import Runtimes
import Storage
import TestSupport
import Testing

@testable import Scheduler

@Suite struct CallTests {
    @Test(
        "calls are refused for the first reason that applies",
        arguments: [
            ("a", 3, "agent cannot call itself"), ("x", 3, "trigger depth limit reached"),
            ("x", 0, "target agent \"x\" not found"), ("off", 0, "target agent \"off\" is disabled"),
            ("b", 1, "agent \"b\" is already in this call chain"), ("c", 1, nil),
        ]
    )
    func rule(target: String, depth: Int, reason: String?) throws {
        let rule = CallRule(
            caller: try AgentName("a"),
            depth: depth,
            chain: [try AgentName("b")],
            limit: 3,
            target: target,
            isKnown: target != "x",
            isEnabled: target != "off"
        )
        #expect(rule.refusal == reason)
    }

    @Test(
        "§19.6, §19.8: a chain of three calls works, the fourth is refused, and a return value arrives whole with who waits"
    )
    func chain() async throws {
        try await withScheduler(of: try ["a", "b", "c", "d", "e"].map { try agent($0) }) { bench, scheduler in
            let answer = try await scheduler.trigger("a", prompt: nil)
            let first = try #require(answer.instance)
            let call = try await scheduler.call("b", context: "", by: first)
            let second = try await bench.launched(2)
            await #expect(throws: RefusalError.self) { try await scheduler.call("a", context: "", by: second) }
            _ = try await scheduler.call("c", context: "", by: second)
            let third = try await bench.launched(3)
            _ = try await scheduler.call("d", context: "", by: third)
            let fourth = try await bench.launched(4)
            await #expect(throws: RefusalError(code: .conflict, reason: "trigger depth limit reached")) {
                try await scheduler.call("e", context: "", by: fourth)
            }
            let value = String(repeating: "v", count: 200_000)
            async let waited = scheduler.call(id: call, by: first, wait: .seconds(30))
            try await scheduler.setReturnValue(value, isBeginning: false, of: second)
            await bench.runtime.finish(second)
            let record = try await waited
            #expect(record?.state == .completed)
            #expect(record?.returnValue == value)
            #expect(try await scheduler.call(id: call, by: second, wait: nil) == nil)
        }
    }

    @Test(
        "the beginning of a return value at the end of the output does not take the place of the whole one",
        arguments: [
            (" \n" + String(repeating: "v", count: 2000), true), (nil, false), ("an older one", false),
        ] as [(String?, Bool)]
    )
    func returnValueInPart(through: String?, isWhole: Bool) async throws {
        try await withScheduler(of: [try agent("a"), try agent("b")]) { bench, scheduler in
            let caller = try #require(try await scheduler.trigger("a", prompt: nil).instance)
            let id = try await scheduler.call("b", context: "", by: caller)
            let callee = try await bench.launched(2)
            if let through { try await scheduler.setReturnValue(through, isBeginning: false, of: callee) }
            let beginning = String(repeating: "v", count: 1000)
            await bench.runtime.print(
                #"{"_log":true,"msg":"signal-result","type":"return","value":"\#(beginning)","truncated":true}"#,
                by: callee
            )
            await bench.runtime.finish(callee)
            _ = try await bench.ended(callee)
            let call = try #require(try await bench.store.call(id, madeBy: caller))
            #expect(call.returnValue?.count == (isWhole ? 2000 : 1000))
            #expect(call.isReturnValueCut == !isWhole)
            #expect(bench.sink.messages("return value cut").count == (isWhole ? 0 : 1))
        }
    }

    @Test("a return value of which only the beginning came is a cut one, however little is left of it")
    func beginningOfReturnValue() {
        var report = RunReport()
        let longest = String(repeating: "y", count: RunReport.returnValueLimit)
        let isCut = report.setReturnValue("\n" + longest, isBeginning: true)
        #expect(isCut && report.returnValue == longest && report.isReturnValueCut)
    }

    @Test("the last return value wins, also over a longer one that begins alike")
    func lastReturnValue() {
        var report = RunReport()
        _ = report.setReturnValue("abcdef", isBeginning: false)
        report.take("signal-result", ["type": "return", "value": "abc"])
        #expect(report.returnValue == "abc")
    }

    @Test("§19.7: when the caller ends first the call is an error and the callee still runs to its end")
    func callerEnds() async throws {
        try await withScheduler(of: [try agent("a"), try agent("b")]) { bench, scheduler in
            let answer = try await scheduler.trigger("a", prompt: nil)
            let caller = try #require(answer.instance)
            let call = try await scheduler.call("b", context: "x", by: caller)
            let callee = try await bench.launched(2)
            await bench.runtime.finish(caller)
            _ = try await bench.ended(caller)
            #expect(try await bench.store.call(call, madeBy: caller)?.errorMessage == "caller container exited")
            await bench.runtime.finish(callee)
            #expect(try await bench.ended(callee).state == .succeeded)
        }
    }

    @Test("model keys are handed out once, and a secret dies with its run")
    func keysOnce() async throws {
        try await withScheduler(of: [try agent("a")]) { bench, scheduler in
            let answer = try await scheduler.trigger("a", prompt: nil)
            let run = try #require(answer.instance)
            #expect(try await bench.launched(1) == run)
            #expect(try await scheduler.modelCredentials(of: run)?["anthropic_key"] != nil)
            #expect(try await scheduler.modelCredentials(of: run) == nil)
            let secret = await bench.secret(of: run)
            #expect(await scheduler.run(withSecret: secret) == run)
            await bench.runtime.finish(run)
            try await bench.until("forgotten") { await scheduler.run(withSecret: secret) == nil }
        }
    }
}
