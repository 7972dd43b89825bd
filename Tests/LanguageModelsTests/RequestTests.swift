import Domain
import Testing

@testable import LanguageModels

@Suite("Request bodies")
struct RequestTests {
    private let call = Content.toolCall(ToolCall(id: "t 1", name: "bash", arguments: ["command": "ls"]))

    @Test(
        "results of a reply share one message with what the user says next, marks stand on the last two user messages"
    )
    func anthropic() {
        let info = Samples.info(.anthropic, "claude-x")
        let history: [Message] = [
            Samples.user("Go"),
            Samples.assistant(
                [.thinking(ThinkingContent(text: "Hm", signature: "S")), .text(" "), call],
                provider: .anthropic,
                model: "claude-x"
            ),
            Samples.result("t 1", "a.txt"), Samples.user("note"),
        ]
        let request = ModelRequest(system: "Sys", messages: history, tools: [])
        let body = AnthropicRequest(info: info, thinkingLevel: nil).body(for: request)
        let mark: JSONValue = ["type": "ephemeral"]
        let expected: JSONValue = [
            "model": "claude-x", "max_tokens": 8192, "stream": true,
            "system": [["type": "text", "text": "Sys", "cache_control": mark]],
            "messages": [
                ["role": "user", "content": [["type": "text", "text": "Go", "cache_control": mark]]],
                [
                    "role": "assistant",
                    "content": [
                        ["type": "thinking", "thinking": "Hm", "signature": "S"],
                        ["type": "tool_use", "id": "t_1", "name": "bash", "input": ["command": "ls"]],
                    ],
                ],
                [
                    "role": "user",
                    "content": [
                        [
                            "type": "tool_result", "tool_use_id": "t_1",
                            "content": [["type": "text", "text": "a.txt"]], "is_error": false,
                        ],
                        ["type": "text", "text": "note", "cache_control": mark],
                    ],
                ],
            ],
        ]
        #expect(body.compactText == expected.compactText)
    }

    @Test(
        "thinking follows the version of the model",
        arguments: [
            ("claude-sonnet-4-5", ThinkingLevel.medium, #"{"type":"enabled","budget_tokens":8192}"#, nil, 40192),
            ("claude-3-7-sonnet-20250219", .minimal, #"{"type":"enabled","budget_tokens":1024}"#, nil, 33024),
            ("claude-sonnet-4-5", .off, nil, nil, 32000),
            ("claude-opus-4-6", .xhigh, #"{"type":"adaptive","display":"summarized"}"#, #"{"effort":"max"}"#, 32000),
            ("claude-sonnet-4-6", .xhigh, #"{"type":"adaptive","display":"summarized"}"#, #"{"effort":"high"}"#, 32000),
            ("claude-opus-4-8", .xhigh, #"{"type":"adaptive","display":"summarized"}"#, #"{"effort":"xhigh"}"#, 32000),
            ("claude-sonnet-5", .off, #"{"type":"disabled"}"#, nil, 32000),
            ("claude-opus-5-5", .off, #"{"type":"adaptive","display":"summarized"}"#, #"{"effort":"low"}"#, 32000),
        ] as [(String, ThinkingLevel, String?, String?, Int)]
    )
    func thinking(id: String, level: ThinkingLevel, thinking: String?, effort: String?, maxTokens: Int) {
        var info = ModelTable.info(for: ModelConfig(provider: .anthropic, model: id))
        info.maxOutputTokens = 64000
        let settings = AnthropicThinking(level: level, info: info, limit: nil)
        #expect(settings.thinking?.compactText == thinking)
        #expect(settings.outputConfig?.compactText == effort)
        #expect(settings.maxTokens == maxTokens)
    }

    @Test("a budget that leaves no room for the answer shrinks, and goes when too small")
    func smallBudget() {
        var info = Samples.info(.anthropic, "claude-sonnet-4-5", reasons: true)
        let shrunk = AnthropicThinking(level: .high, info: info, limit: nil)
        #expect(shrunk.maxTokens == 8192 && shrunk.thinking?["budget_tokens"] == 7168)
        info.maxOutputTokens = 1500
        #expect(AnthropicThinking(level: .high, info: info, limit: nil).thinking == nil)
        info.canReason = false
        #expect(AnthropicThinking(level: .high, info: info, limit: nil).thinking == nil)
    }

    @Test("what another model thought becomes text, signatures go, and a call without result gets one")
    func foreignHistory() {
        var adapter = HistoryAdapter(info: Samples.info(.custom, "new", images: false), callID: { $0 })
        let adapted = adapter.adapt([
            .user(UserMessage([.image(ImageContent(mime: "image/png", base64: "AA"))], timestamp: 1)),
            Samples.assistant(
                [
                    .thinking(ThinkingContent(text: "Hm", signature: "S")),
                    .thinking(ThinkingContent(text: "x", isRedacted: true)),
                    .text(TextContent(text: "a\u{0}b", signature: "S")),
                    .toolCall(ToolCall(id: "1", name: "bash", arguments: [:], signature: "S")),
                    .toolCall(ToolCall(id: "2", name: "bash", arguments: [:])),
                ],
                provider: .anthropic,
                model: "old"
            ), Samples.result("2", "two"), Samples.result("stray", "x"),
        ])
        #expect(adapted.count == 4)
        #expect(
            adapted[0]
                == .user(UserMessage([.text("[image/png image left out: this model takes no images]")], timestamp: 1))
        )
        guard case .assistant(let reply) = adapted[1], case .toolResult(let missing) = adapted[2] else {
            Issue.record("wrong kinds of messages")
            return
        }
        #expect(reply.content.prefix(2) == [.text("Hm"), .text("ab")])
        #expect(reply.toolCalls.allSatisfy { $0.signature == nil })
        #expect(missing.callID == "1" && missing.isError)
        #expect(adapted[3] == Samples.result("2", "two"))
    }

    @Test("a call id that comes twice is made unique, with its result")
    func repeatedIDs() {
        var adapter = HistoryAdapter(info: Samples.info(.custom, "m"), callID: { $0 })
        let turn = [Samples.assistant([call], provider: .custom, model: "m"), Samples.result("t 1", "x")]
        let adapted = adapter.adapt(turn + turn)
        guard case .assistant(let reply) = adapted[2], case .toolResult(let result) = adapted[3] else {
            Issue.record("wrong kinds of messages")
            return
        }
        #expect(reply.toolCalls[0].id == "t 1_2" && result.callID == "t 1_2")
    }

    private func chatBody(_ change: (inout ModelConfig) -> Void, _ messages: [Message] = [Samples.user("Go")])
        -> JSONValue
    {
        var config = ModelConfig(provider: .custom, model: "m")
        config.reasoning = true
        change(&config)
        return ChatRequest(config: config, info: ModelTable.info(for: config), dialect: ChatDialect(config))
            .body(for: ModelRequest(system: "Sys", messages: messages, tools: [Samples.bash]))
    }

    @Test("every switch of a custom server shows in the body")
    func switches() {
        let plain = chatBody { _ in }
        #expect(plain["store"] == nil && plain["max_tokens"] == 4096 && plain["messages"]?[0]?["role"] == "system")
        #expect(plain["tools"]?[0]?["function"]?["strict"] == nil && plain["reasoning_effort"] == nil)
        let all = chatBody {
            $0.thinkingLevel = .high
            $0.compatibility.systemRole = "developer"
            $0.compatibility.store = true
            $0.compatibility.maxField = "max_completion_tokens"
            $0.compatibility.thinkingFormat = "effort"
            $0.compatibility.strictTools = true
        }
        #expect(all["store"] == false && all["max_completion_tokens"] == 4096 && all["max_tokens"] == nil)
        #expect(all["messages"]?[0]?["role"] == "developer" && all["reasoning_effort"] == "high")
        #expect(all["tools"]?[0]?["function"]?["strict"] == false)
        let qwen = chatBody {
            $0.thinkingLevel = .off
            $0.compatibility.thinkingFormat = "qwen"
        }
        #expect(qwen["enable_thinking"] == false)
        let template = chatBody {
            $0.thinkingLevel = .low
            $0.compatibility.thinkingFormat = "template"
        }
        #expect(template["chat_template_kwargs"] == ["enable_thinking": true])
    }

    @Test("reasoning goes back under its own name where the server wants it")
    func replay() {
        let history = [
            Samples.user("Go"),
            Samples.assistant(
                [.thinking(ThinkingContent(text: "Hm", signature: "reasoning_content")), .text("x")],
                provider: .custom,
                model: "m"
            ), Samples.user("on"),
        ]
        #expect(chatBody({ _ in }, history)["messages"]?[2]?["reasoning_content"] == nil)
        let body = chatBody({ $0.compatibility.replayReasoning = true }, history)
        #expect(body["messages"]?[2]?["reasoning_content"] == "Hm")
    }

    @Test("images of results follow in a message of their own, behind all results")
    func images() {
        let image = Content.image(ImageContent(mime: "image/png", base64: "AA"))
        let calls: [Content] = ["1", "2"].map { .toolCall(ToolCall(id: $0, name: "read", arguments: [:])) }
        let body = chatBody(
            { $0.images = true },
            [
                Samples.user("Go"), Samples.assistant(calls, provider: .custom, model: "m"),
                .toolResult(
                    ToolResultMessage(callID: "1", toolName: "read", content: [image], isError: false, timestamp: 1)
                ), Samples.result("2", "text"),
            ]
        )
        let roles = body["messages"]?.arrayValue?.compactMap { $0["role"]?.stringValue }
        #expect(roles == ["system", "user", "assistant", "tool", "tool", "user"])
        #expect(body["messages"]?[5]?["content"]?[1]?["image_url"]?["url"] == "data:image/png;base64,AA")
    }

    @Test(
        "a base URL may end as people copy it",
        arguments: ["http://h/v1", "http://h/v1/", "http://h/v1/chat/completions", "http://h/v1/chat/completions/"]
    )
    func baseURL(url: String) {
        #expect(ChatDialect.trimmed(url) == "http://h/v1")
    }
}
