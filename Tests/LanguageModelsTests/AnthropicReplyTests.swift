import Domain
import Testing

@testable import LanguageModels

@Suite("Replies of the Anthropic Messages API")
struct AnthropicReplyTests {
    private let assembler = AnthropicReply(
        info: ModelTable.info(for: ModelConfig(provider: .anthropic, model: "claude-sonnet-4-5")),
        request: Samples.request([Samples.user("Go")])
    )

    private static let start = #"""
        {"type":"message_start","message":{"usage":{"input_tokens":100,"output_tokens":1,"cache_read_input_tokens":1000,"cache_creation_input_tokens":200}}}
        """#

    private static func end(_ reason: String) -> [String] {
        [
            #"{"type":"message_delta","delta":{"stop_reason":"\#(reason)"},"usage":{"output_tokens":50,"input_tokens":null}}"#,
            #"{"type":"message_stop"}"#,
        ]
    }

    @Test("text is joined, usage is the last value seen, and money is counted")
    func text() throws {
        let stream = Replay.stream(
            [
                Self.start, #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
                #"{"type":"ping"}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Grüße"}}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":", 🦙"}}"#,
                #"{"type":"content_block_stop","index":0}"#, #"{"type":"something_new"}"#,
            ] + Self.end("end_turn")
        )
        let (reply, events) = try Replay.everyWay(stream, assembler)
        #expect(reply.content == [.text("Grüße, 🦙")])
        #expect(reply.stop == .stop)
        #expect(events == [.textDelta(0, "Grüße"), .textDelta(0, ", 🦙"), .blockEnd(0)])
        #expect(reply.usage.input == 100 && reply.usage.output == 50)
        #expect(reply.usage.cacheRead == 1000 && reply.usage.cacheWrite == 200 && reply.usage.turns == 1)
        let cost: Double = 0.0021
        #expect(abs((reply.usage.cost ?? 0) - cost) < 1e-12)
    }

    @Test("thinking keeps its signature, redacted thinking its data")
    func thinking() throws {
        let stream = Replay.stream(
            [
                Self.start,
                #"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm"}}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"AB"}}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"C="}}"#,
                #"{"type":"content_block_stop","index":0}"#,
                #"{"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"xyz"}}"#,
                #"{"type":"content_block_stop","index":1}"#,
            ] + Self.end("end_turn")
        )
        let (reply, _) = try Replay.everyWay(stream, assembler)
        #expect(
            reply.content == [
                .thinking(ThinkingContent(text: "Hm", signature: "ABC=")),
                .thinking(ThinkingContent(text: "xyz", isRedacted: true)),
            ]
        )
    }

    @Test("interleaved calls go to their blocks, arguments may break inside escapes; none at all are an empty object")
    func calls() throws {
        let names = ["a", "b", "c"]
        var events = [Self.start]
        for (index, name) in names.enumerated() {
            events.append(
                #"{"type":"content_block_start","index":\#(index),"content_block":{"type":"tool_use","id":"t\#(index)","name":"\#(name)","input":{}}}"#
            )
        }
        for (index, piece) in [(0, #"{\"x\":\"q\\"#), (1, #"{\"y\":"#), (0, #"n\"}"#), (1, #"1.50}"#), (2, "")] {
            events.append(
                #"{"type":"content_block_delta","index":\#(index),"delta":{"type":"input_json_delta","partial_json":"\#(piece)"}}"#
            )
        }
        for index in names.indices { events.append(#"{"type":"content_block_stop","index":\#(index)}"#) }
        let (reply, _) = try Replay.everyWay(Replay.stream(events + Self.end("tool_use")), assembler)
        #expect(reply.stop == .toolUse)
        let calls = reply.content.compactMap { if case .toolCall(let call) = $0 { call } else { nil } }
        #expect(calls.map(\.id) == ["t0", "t1", "t2"])
        #expect(calls.map(\.arguments) == [["x": "q\n"], ["y": .number("1.50")], [:]])
        #expect(calls.allSatisfy { $0.isComplete })
    }

    @Test("half a call at the output limit is marked incomplete")
    func halfCall() throws {
        let stream = Replay.stream(
            [
                Self.start,
                #"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"write"}}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"path\":\"a"}}"#,
                #"{"type":"content_block_stop","index":0}"#,
            ] + Self.end("max_tokens")
        )
        let (reply, _) = try Replay.everyWay(stream, assembler)
        #expect(reply.stop == .length)
        #expect(
            reply.content == [
                .toolCall(ToolCall(id: "t", name: "write", arguments: .string(#"{"path":"a"#), isComplete: false))
            ]
        )
    }

    @Test(
        "stop reasons are translated",
        arguments: [
            ("end_turn", StopReason.stop), ("stop_sequence", .stop), ("tool_use", .toolUse), ("max_tokens", .length),
            ("pause_turn", .pause), ("refusal", .refusal), ("model_context_window_exceeded", .contextFull),
            ("odd", .stop),
        ]
    )
    func stops(reason: String, stop: StopReason) throws {
        let stream = Replay.stream([Self.start] + Self.end(reason))
        #expect(try Replay.play([Array(stream.utf8)[...]], assembler).stop == stop)
    }

    @Test("an error event, an early end and unreadable data are failures")
    func failures() {
        let error = Replay.stream([
            Self.start, #"{"type":"error","error":{"type":"overloaded_error","message":"busy"}}"#,
        ])
        guard case .reported? = Replay.failure(error, assembler) else {
            Issue.record("the error event was not reported")
            return
        }
        for stream in [Replay.stream([Self.start]), "", "data: {\"type\":\n\n"] {
            guard case .broken? = Replay.failure(stream, assembler) else {
                Issue.record("not taken for broken: \(stream)")
                continue
            }
        }
    }
}
