import Domain
import Foundation
import Testing

@testable import LanguageModels

@Suite("Scripted model")
struct ScriptedModelTests {
    private let clock = JumpingClock()

    private func model(
        _ script: String,
        _ trigger: Trigger = .manual(prompt: nil),
        params: JSONValue = [:]
    ) throws -> ScriptedModel {
        ScriptedModel(
            script: try Script(parsing: script, file: "s.yaml"),
            id: "s.yaml",
            config: ModelConfig(provider: .scripted, model: "s.yaml"),
            facts: Samples.facts(trigger, params: params),
            clock: clock,
            now: { Date(timeIntervalSince1970: 1) }
        )
    }

    private static func webhook(_ context: JSONValue) -> Trigger {
        .webhook(WebhookTriggerFacts(deliveryID: "d", source: "github", event: "issues", context: context))
    }

    private func ask(_ model: ScriptedModel, _ messages: [Message] = [Samples.user("Go")]) async throws
        -> AssistantMessage
    {
        try await model.reply(to: Samples.request(messages), onEvent: { _ in })
    }

    /// A history in which calls of the last reply were answered so.
    private func after(_ results: [(String, Bool)]) -> [Message] {
        let calls = results.indices.map { Content.toolCall(ToolCall(id: "\($0)", name: "bash", arguments: [:])) }
        let answers = results.enumerated().map { Samples.result("\($0)", $1.0, isError: $1.1) }
        return [Samples.user("Go"), Samples.assistant(calls, provider: .scripted, model: "s.yaml")] + answers
    }

    private func failure(_ model: ScriptedModel, _ messages: [Message] = [Samples.user("Go")]) async -> ModelError? {
        await #expect(throws: ModelError.self) { try await ask(model, messages) }
    }

    @Test("texts and arguments are filled in; a text is the first required parameter of its tool")
    func templates() async throws {
        let script = """
            turns:
              - text: "#{{context.number}} {{context.user.login}} {{params.p}}[{{context.none}}] {{agent}} {{trigger}} {{date}} {{{{x"
                thinking: Hm
                calls: [ bash: "echo {{context.number}}", read: { path: "{{result}}" } ]
            """
        let context: JSONValue = ["number": 7, "user": ["login": "ann"]]
        let reply = try await ask(try model(script, Self.webhook(context), params: ["p": true]))
        #expect(reply.text == "#7 ann true[] dev webhook 2026-03-04 {{x")
        #expect(reply.toolCalls.map(\.arguments) == [["command": "echo 7"], ["path": "Go"]])
        #expect(reply.stop == .toolUse)
        #expect(reply.content.first == .thinking(ThinkingContent(text: "Hm")))
    }

    @Test(
        "the first conversation that fits is played",
        arguments: [
            ("agent: [x, d*]", true), ("agent: x", false), ("trigger: webhook", true), ("trigger: [call]", false),
            ("caller: any", false), ("context: {event: issues, labels: bug}", true), ("context: {event: is*}", true),
            ("context: {event: push}", false), ("context: {none: x}", false), ("prompt: the task", true),
            ("prompt: other", false), ("context: {number: 7}", true),
        ]
    )
    func when(when: String, fits: Bool) async throws {
        let script = "conversations: [{when: {\(when)}, turns: [{text: first}]}, {turns: [{text: second}]}]"
        let trigger = Self.webhook(["event": "issues", "labels": ["a", "bug"], "number": 7])
        let reply = try await ask(try model(script, trigger), [Samples.user("do the task now")])
        #expect(reply.text == (fits ? "first" : "second"))
    }

    @Test("no conversation that fits is a failure naming the file")
    func noneFits() async throws {
        let error = await failure(try model("conversations: [{when: {agent: x}, turns: [{text: a}]}]"))
        #expect(error?.code == .script && error?.message.contains("s.yaml") == true)
    }

    @Test(
        "checks look at the results",
        arguments: [
            ("two", true), ("three", false), ("{contains: [one, two]}", true), ("{lacks: one}", false),
            ("{matches: 'o.e'}", true), ("{equals: one}", false), ("{equals: \"one\\ntwo\"}", true),
            ("{error: true}", true),
            ("{error: false}", false), ("[one, two]", true), ("[~, {contains: two, error: true}]", true),
            ("[{error: true}]", false), ("[~, ~, x]", false),
        ]
    )
    func expectations(check: String, isMet: Bool) async throws {
        let results = after([("one", false), ("two", true)])
        let model = try model("turns:\n  - text: a\n  - expect: \(check)\n    text: b")
        _ = try await ask(model)
        if isMet {
            #expect(try await ask(model, results).text == "b")
        } else {
            let error = await failure(model, results)
            #expect(error?.code == .script)
            #expect(error?.message.hasPrefix("s.yaml:3: expected ") == true)
            #expect(error?.message.contains("got: one\ntwo") == true)
        }
        let conditional = try self.model("turns:\n  - text: a\n  - if: \(check)\n    text: b\n  - text: c")
        _ = try await ask(conditional)
        #expect(try await ask(conditional, results).text == (isMet ? "b" : "c"))
    }

    @Test("on the first turn the prompt is checked")
    func firstTurn() async throws {
        #expect(try await ask(try model("turns: [{expect: Go, text: a}]")).text == "a")
        #expect(await failure(try model("turns: [{expect: Stop, text: a}]"))?.code == .script)
    }

    @Test("saved variables last, and a missing one is a failed expectation")
    func saves() async throws {
        let script = """
            turns:
              - text: a
              - save: { id: '"callId":"([^"]+)"', all: 'c.ll' }
                text: "{{id}} {{all}}"
              - text: "still {{id}}"
            """
        let model = try model(script)
        _ = try await ask(model)
        #expect(try await ask(model, after([(#"{"callId":"x1"}"#, false)])).text == "x1 call")
        #expect(try await ask(model, after([("", false)])).text == "still x1")
        let other = try self.model(script)
        _ = try await ask(other)
        #expect(await failure(other, after([("nothing", false)]))?.code == .script)
    }

    @Test("next jumps, end ends; then one last word and no more")
    func jumps() async throws {
        let loop = try model(
            "turns: [{text: a, next: c}, {text: b, name: b, next: end}, {text: c, name: c, next: b}, {text: d}]"
        )
        var texts: [String] = []
        for _ in 0..<4 { texts.append(try await ask(loop).text) }
        #expect(texts == ["a", "c", "b", "Script finished."])
        #expect(await failure(loop)?.code == .script)
    }

    @Test("a request for a summary does not move the script")
    func compaction() async throws {
        var request = Samples.request([Samples.user("Summarise")])
        request.isCompaction = true
        let model = try model("summary: short\nturns: [{text: a}]")
        #expect(try await model.reply(to: request, onEvent: { _ in }).text == "short")
        #expect(try await ask(model).text == "a")
        #expect(try await self.model("turns: [{text: a}]").reply(to: request, onEvent: { _ in }).text.isEmpty == false)
    }

    @Test("usage is taken from the script, else estimated, and costs what the script says")
    func usage() async throws {
        let model = try model(
            "model: {price: {input: 3, output: 15}}\nturns: [{text: a, usage: {input: 1000000, output: 80, cacheRead: 9}}, {text: 12345}]"
        )
        let first = try await ask(model).usage
        #expect(first.input == 1_000_000 && first.output == 80 && first.cacheRead == 9 && first.cacheWrite == 0)
        #expect(abs((first.cost ?? 0) - 3.0012) < 1e-9)
        let second = try await ask(model).usage
        #expect(second.output == 2 && second.input > 0 && second.turns == 1)
    }

    @Test("text comes word by word, arguments by sixteen bytes, with delay and pace")
    func streaming() async throws {
        let log = EventLog()
        let model = try model("turns: [{text: 'one two', calls: [bash: 0123456789], delay: 2s, pace: 200ms}]")
        _ = try await model.reply(to: Samples.request([Samples.user("Go")]), onEvent: log.add)
        #expect(
            log.all == [
                .start, .textDelta(0, "one "), .textDelta(0, "two"), .blockEnd(0),
                .toolCallStart(1, id: "call_1_1", name: "bash"), .toolCallDelta(1, #"{"command":"0123"#),
                .toolCallDelta(1, #"456789"}"#), .blockEnd(1),
            ]
        )
        #expect(clock.sleeps == [.seconds(2)] + Array(repeating: .milliseconds(200), count: 3))
    }

    @Test(
        "stops may be given",
        arguments: [
            ("length", StopReason.length), ("refusal", .refusal), ("pause", .pause), ("contextFull", .contextFull),
        ]
    )
    func stops(text: String, stop: StopReason) async throws {
        #expect(try await ask(try model("turns: [{text: a, stop: \(text)}]")).stop == stop)
    }

    @Test(
        "every kind of error has its class and status, and then the turn is played",
        arguments: [
            ("rateLimit", ModelError.Code.rateLimit, 429), ("overloaded", .overloaded, 529), ("quota", .quota, 402),
            ("transient", .transient, 500), ("overflow", .overflow, 400), ("auth", .auth, 401),
            ("notFound", .notFound, 404),
            ("badRequest", .badRequest, 400), ("filtered", .filtered, nil), ("cut", .transient, nil),
            ("garbage", .transient, nil), ("hang", .transient, nil),
        ] as [(String, ModelError.Code, Int?)]
    )
    func errors(kind: String, code: ModelError.Code, status: Int?) async throws {
        let model = try model("turns: [{text: a, error: \(kind)}]")
        let error = await failure(model)
        #expect(error?.code == code && error?.status == status)
        #expect(clock.sleeps == (kind == "hang" ? [.seconds(300)] : []))
        #expect(try await ask(model).text == "a")
    }

    @Test("the details of an error are the script's")
    func errorDetails() async throws {
        let model = try model(
            "turns: [{text: a, error: {kind: rateLimit, status: 503, message: wait, retryAfter: 1.5s, times: 2}}]"
        )
        for _ in 0..<2 {
            let error = await failure(model)
            #expect(error?.status == 503 && error?.message == "wait" && error?.retryAfter == .milliseconds(1500))
        }
        #expect(try await ask(model).text == "a")
        let always = try self.model("turns: [{text: a, error: {kind: auth, times: always}}]")
        for _ in 0..<5 { #expect(await failure(always)?.code == .auth) }
    }

    @Test("a reply is cut in the middle, or where the script says")
    func cut() async throws {
        for (error, expected) in [("cut", "123"), ("{kind: cut, after: 5}", "12345")] {
            let log = EventLog()
            let model = try model("turns: [{text: '123456', error: \(error)}]")
            await #expect(throws: ModelError.self) {
                try await model.reply(to: Samples.request([Samples.user("Go")]), onEvent: log.add)
            }
            #expect(log.all == [.start, .textDelta(0, expected)])
        }
    }
}
