import Domain
import Foundation
import TestSupport
import Testing

@testable import AgentRun

@Suite("A run with a chain of models", .timeLimit(.minutes(5)))
struct FallbackRunTests {
    private static func reply(_ text: String) -> MockModelServer.Answer {
        .init(stream: [
            "data: {\"choices\":[{\"delta\":{\"content\":\"\(text)\"},\"finish_reason\":\"stop\"}]}\n\n",
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n",
        ])
    }

    private static let call = MockModelServer.Answer(stream: [
        #"data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a:1","function":{"name":"bash","arguments":"{\"command\":\"echo hello\"}"}}]},"finish_reason":"tool_calls"}]}"#
            + "\n\ndata: [DONE]\n\n"
    ])

    private static func refusal(_ status: Int, _ headers: [String: String] = [:]) -> MockModelServer.Answer {
        .init(status: status, headers: headers, body: #"{"error":{"message":"not now"}}"#)
    }

    /// Two servers, and a run whose chain is one model on each.
    private func withChain<Result: Sendable>(
        first: [MockModelServer.Answer],
        second: [MockModelServer.Answer],
        limits: JSONValue = [:],
        _ body: @escaping @Sendable (RunFixture, MockModelServer, MockModelServer) async throws -> Result
    ) async throws -> Result {
        try await MockModelServer.run(.chat, answers: first) { one, oneURL in
            try await MockModelServer.run(.chat, answers: second) { two, twoURL in
                func model(_ id: String, _ url: String) -> JSONValue {
                    [
                        "provider": "custom", "model": .string(id), "baseUrl": .string(url),
                        "price": ["input": 1, "output": 10],
                    ]
                }
                let config: JSONValue = [
                    "model": model("first", oneURL), "models": [model("second", twoURL)], "limits": limits,
                ]
                let fixture = try RunFixture(script: "turns: []", config: config)
                defer { fixture.clean() }
                return try await body(fixture, one, two)
            }
        }
    }

    @Test("each scripted model of a chain has its own script", arguments: [false, true])
    func scripts(isBaked: Bool) async throws {
        let limited = "turns: [ { error: { kind: quota, times: 9 } } ]"
        let second: JSONValue = ["provider": "scripted", "model": "second.yaml"]
        var fixture = try RunFixture(script: limited, config: ["models": [second]])
        defer { fixture.clean() }
        let text = "turns: [ { text: From the second. } ]"
        try text.write(toFile: "\(fixture.root)/agent/second.yaml", atomically: true, encoding: .utf8)
        if isBaked { try fixture.bake() }
        #expect(await fixture.run() == 0)
        #expect(fixture.sink.entry("model fallback")?["to"] == "scripted/second.yaml")
        #expect(fixture.sink.entry("assistant")?["text"] == "From the second.")
    }

    @Test("the second model goes on in the middle of the conversation, and the change is logged")
    func carriesOn() async throws {
        try await withChain(first: [Self.call, Self.refusal(402)], second: [Self.reply("Done.")]) { fixture, one, two in
            #expect(await fixture.run() == 0)
            #expect(one.problems == [] && two.problems == [])
            let roles = two.received.first?.body["messages"]?.arrayValue?.compactMap { $0["role"]?.stringValue }
            #expect(roles == ["system", "user", "assistant", "tool"])
            let change = try #require(fixture.sink.entry("model fallback"))
            #expect(change["from"] == "custom/first" && change["to"] == "custom/second")
            #expect(change["reason"] == "quota: not now")
            #expect(fixture.transcript.contains { $0["type"] == "model" && $0["to"] == "custom/second" })
            #expect(fixture.sink.entry("token-usage")?["turnCount"] == 2)
        }
    }

    @Test("a budget that the first model used up before its stream broke is not spent again on the second: 17")
    func budget() async throws {
        let billed = MockModelServer.Answer(stream: [
            #"data: {"choices":[],"usage":{"prompt_tokens":400000,"completion_tokens":0}}"# + "\n\n",
            #"data: {"error":{"type":"overloaded_error","message":"too busy"}}"# + "\n\n",
        ])
        let limits: JSONValue = ["maxCostPerRun": 0.3]
        try await withChain(first: [billed], second: [Self.reply("Never.")], limits: limits) { fixture, one, two in
            #expect(await fixture.run() == 17)
            #expect(one.received.count == 1 && two.received.isEmpty)
            let spent = try #require(fixture.sink.entry("budget spent"))
            #expect(spent["spent"]?.doubleValue == 0.4 && spent["limit"]?.doubleValue == 0.3)
            #expect(fixture.sink.entry("turn-usage")?["model"] == "first")
        }
    }

    @Test("a wrong key is an error line besides")
    func wrongKey() async throws {
        try await withChain(first: [Self.refusal(401)], second: [Self.reply("Done.")]) { fixture, _, _ in
            #expect(await fixture.run() == 0)
            #expect(fixture.sink.entry("model cannot be used")?["model"] == "custom/first")
        }
    }

    @Test("when every model is overloaded the chain is tried again five times, then the run ends with 12")
    func exhausted() async throws {
        let busy = Array(repeating: Self.refusal(529), count: 6)
        try await withChain(first: busy, second: busy) { fixture, one, two in
            var fixture = fixture
            fixture.environment["TIMEOUT_SECONDS"] = "100000"
            let clock = TestClock()
            let run = fixture
            async let code = run.run(clock: clock)
            var waits: [Duration] = []
            for _ in 0..<5 {
                // The run's own timer is the other one.
                await clock.waitForSleepers(2)
                waits.append(await clock.advanceToNextSleeper())
            }
            #expect(await code == 12)
            #expect(zip(waits, [30, 60, 120, 240, 300]).allSatisfy { $0 >= .seconds($1) && $0 <= .seconds($1) * 1.1 })
            // The first one rests for a minute: it is left out of the attempt that comes before.
            #expect(two.received.count == 6 && one.received.count == 5)
            #expect(fixture.sink.entries.last?["exitCode"] == 12)
        }
    }
}
