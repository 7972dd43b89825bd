import Domain
import Synchronization
import Testing

@testable import LanguageModels

@Suite("Replies of the Chat Completions format")
struct ChatReplyTests {
    private let assembler = ChatReply(
        info: Samples.info(.custom, "m"),
        request: Samples.request([Samples.user("Hello there")]),
        random: { 0xABC }
    )

    private static func delta(_ delta: String, finish: String? = nil) -> String {
        #"{"choices":[{"index":0,"delta":\#(delta),"finish_reason":\#(finish.map(JSONValue.quoted) ?? "null")}]}"#
    }

    private static func call(_ call: String) -> String { delta(#"{"tool_calls":[\#(call)]}"#) }

    private static func calls(_ reply: AssembledReply) -> [ToolCall] {
        reply.content.compactMap { if case .toolCall(let call) = $0 { call } else { nil } }
    }

    @Test("text and reasoning are joined; the usage chunk at the end counts")
    func text() throws {
        let stream = Replay.stream([
            Self.delta(#"{"role":"assistant","content":""}"#), Self.delta(#"{"reasoning_content":"Hm"}"#),
            Self.delta(#"{"reasoning_content":"m"}"#), Self.delta(#"{"content":"Grü"}"#),
            Self.delta(#"{"content":"ße"}"#),
            Self.delta("{}", finish: "stop"),
            #"{"choices":[],"usage":{"prompt_tokens":100,"completion_tokens":20,"prompt_tokens_details":{"cached_tokens":40}}}"#,
            "[DONE]",
        ])
        let (reply, _) = try Replay.everyWay(stream, assembler)
        #expect(
            reply.content == [
                .thinking(ThinkingContent(text: "Hmm", signature: "reasoning_content")), .text("Grüße"),
            ]
        )
        #expect(reply.stop == .stop)
        #expect(reply.usage.input == 60 && reply.usage.cacheRead == 40 && reply.usage.output == 20)
    }

    @Test("interleaved parallel calls go to their index; arguments may break inside escapes")
    func interleaved() throws {
        let stream = Replay.stream([
            Self.call(#"{"index":0,"id":"a","type":"function","function":{"name":"bash","arguments":""}}"#),
            Self.call(#"{"index":1,"id":"b","type":"function","function":{"name":"read","arguments":""}}"#),
            Self.call(#"{"index":2,"id":"c","type":"function","function":{"name":"bash","arguments":""}}"#),
            Self.call(#"{"index":0,"function":{"arguments":"{\"command\":\"l\\"}}"#),
            Self.call(#"{"index":1,"function":{"arguments":"{\"path\":\"é"}}"#),
            Self.call(#"{"index":0,"function":{"arguments":"ts\"}"}}"#),
            Self.call(#"{"index":2,"function":{"arguments":"{}"}}"#),
            Self.call(#"{"index":1,"function":{"arguments":"🦙\"}"}}"#), Self.delta("{}", finish: "tool_calls"),
            "[DONE]",
        ])
        let (reply, events) = try Replay.everyWay(stream, assembler)
        #expect(reply.stop == .toolUse)
        #expect(Self.calls(reply).map(\.id) == ["a", "b", "c"])
        #expect(Self.calls(reply).map(\.arguments) == [["command": "l\ts"], ["path": "é🦙"], [:]])
        #expect(events.contains(.toolCallStart(1, id: "b", name: "read")))
        #expect(events.contains(.toolCallDelta(0, "ts\"}")))
    }

    @Test("servers that number all calls 0 still make several")
    func sameIndex() throws {
        let stream = Replay.stream([
            Self.call(#"{"index":0,"id":"a","function":{"name":"bash","arguments":"{\"command\":\"x\"}"}}"#),
            Self.call(#"{"index":0,"id":"b","function":{"name":"bash","arguments":"{\"command\":\"y\"}"}}"#),
            Self.delta("{}", finish: "stop"), "[DONE]",
        ])
        let (reply, _) = try Replay.everyWay(stream, assembler)
        #expect(Self.calls(reply).map(\.arguments) == [["command": "x"], ["command": "y"]])
        #expect(reply.stop == .toolUse)
    }

    @Test("a missing id is made up, arguments may be an object, a name may come in pieces or twice")
    func accents() throws {
        let stream = Replay.stream([
            Self.call(#"{"index":0,"function":{"name":"ba","arguments":""}}"#),
            Self.call(#"{"index":0,"function":{"name":"sh"}}"#),
            Self.call(#"{"index":0,"function":{"name":"bash","arguments":{"command":"x"}}}"#), "[DONE]",
        ])
        let (reply, _) = try Replay.everyWay(stream, assembler)
        #expect(
            reply.content == [.toolCall(ToolCall(id: "call_00000abc", name: "bash", arguments: ["command": "x"]))]
        )
        #expect(reply.stop == .toolUse)
    }

    @Test("half a call at the output limit is marked incomplete")
    func halfCall() throws {
        let stream = Replay.stream([
            Self.call(#"{"index":0,"id":"a","function":{"name":"bash","arguments":"{\"comm"}}"#),
            Self.delta("{}", finish: "length"), "[DONE]",
        ])
        let (reply, _) = try Replay.everyWay(stream, assembler)
        #expect(reply.stop == .length)
        #expect(Self.calls(reply).map(\.isComplete) == [false])
    }

    @Test("without a count the tokens are estimated, marked as such, and cost nothing")
    func estimate() throws {
        let stream = Replay.stream([Self.delta(#"{"content":"12345"}"#, finish: "stop")])
        let (reply, _) = try Replay.everyWay(stream, assembler)
        #expect(reply.usage.output == 2 && reply.usage.input > 0 && reply.usage.cost == 0)
        #expect(reply.usage.isEstimated && reply.usage.json["estimated"] == true)
    }

    @Test("reasoning that xAI counts beside the completion is added")
    func reasoningTokens() throws {
        for (total, output) in [(125, 25), (120, 20)] {
            let usage =
                #"{"choices":[],"usage":{"prompt_tokens":100,"completion_tokens":20,"total_tokens":\#(total),"completion_tokens_details":{"reasoning_tokens":5}}}"#
            let stream = Replay.stream([Self.delta(#"{"content":"x"}"#, finish: "stop"), usage, "[DONE]"])
            #expect(try Replay.everyWay(stream, assembler).reply.usage.output == output)
        }
    }

    @Test("a refusal is one; a content filter, an error chunk and an early end are failures")
    func failures() throws {
        let refusal = Replay.stream([Self.delta(#"{"refusal":"No."}"#), Self.delta("{}", finish: "stop"), "[DONE]"])
        let reply = try Replay.everyWay(refusal, assembler).reply
        #expect(reply.stop == .refusal && reply.content == [.text("No.")])
        guard
            case .filtered? = Replay.failure(
                Replay.stream([Self.delta("{}", finish: "content_filter"), "[DONE]"]),
                assembler
            )
        else {
            Issue.record("the filter was overlooked")
            return
        }
        guard case .reported? = Replay.failure(Replay.stream([#"{"error":{"message":"x","code":429}}"#]), assembler)
        else {
            Issue.record("the error was overlooked")
            return
        }
        for stream in [Replay.stream([Self.delta(#"{"content":"x"}"#)]), Replay.stream(["{nonsense"]), ""] {
            guard case .broken? = Replay.failure(stream, assembler) else {
                Issue.record("not taken for broken: \(stream)")
                continue
            }
        }
    }

    @Test("OpenRouter's reasoning comes in pieces and goes back as the blocks they belong to")
    func details() throws {
        let stream = Replay.stream([
            Self.delta(#"{"reasoning_details":[{"type":"reasoning.text","text":"Let","format":"a-1","index":0}]}"#),
            Self.delta(#"{"reasoning_details":[{"type":"reasoning.text","text":" me","format":"a-1","index":0}]}"#),
            Self.delta(#"{"reasoning_details":[{"type":"reasoning.text","signature":"Et8B","index":0}]}"#),
            Self.delta(#"{"reasoning_details":[{"type":"reasoning.encrypted","data":"X","id":"rs_1","index":0}]}"#),
            Self.delta(#"{"reasoning_details":[{"type":"reasoning.text","text":"Next","index":1}]}"#),
            Self.delta(#"{"content":"x"}"#), Self.delta("{}", finish: "stop"), "[DONE]",
        ])
        let (reply, _) = try Replay.everyWay(stream, assembler)
        guard case .thinking(let thinking)? = reply.content.first else {
            Issue.record("no reasoning")
            return
        }
        let expected =
            #"[{"type":"reasoning.text","text":"Let me","format":"a-1","index":0,"signature":"Et8B"},"#
            + #"{"type":"reasoning.encrypted","data":"X","id":"rs_1","index":0},"#
            + #"{"type":"reasoning.text","text":"Next","index":1}]"#
        #expect(thinking.text == expected)
    }

    @Test("an end that nobody knows is told")
    func unknownEnd() throws {
        let warnings = Mutex<[String]>([])
        let assembler = ChatReply(
            info: Samples.info(.custom, "m"),
            request: Samples.request([Samples.user("Hello")]),
            random: { 0 },
            warn: { text in warnings.withLock { $0.append(text) } }
        )
        for reason in ["stop", "insufficient_system_resource"] {
            let stream = Replay.stream([Self.delta(#"{"content":"x"}"#), Self.delta("{}", finish: reason), "[DONE]"])
            #expect(try Replay.play([Array(stream.utf8)[...]], assembler).stop == .stop)
        }
        #expect(warnings.withLock { $0.count } == 1)
    }

    @Test("counts that nobody can add up are cut down")
    func hugeCounts() throws {
        let usage =
            #"{"prompt_tokens":9223372036854775807,"completion_tokens":-5,"completion_tokens_details":"#
            + #"{"reasoning_tokens":9223372036854775807},"prompt_tokens_details":{"cached_tokens":9223372036854775807}}"#
        let stream = Replay.stream([
            Self.delta(#"{"content":"x"}"#), Self.delta("{}", finish: "stop"), #"{"choices":[],"usage":\#(usage)}"#,
            "[DONE]",
        ])
        let reply = try Replay.play([Array(stream.utf8)[...]], assembler)
        #expect(reply.usage.total == TokenUsage.largestCount && reply.usage.output == 0)
    }
}
