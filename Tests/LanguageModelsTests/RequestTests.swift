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
                == .user(UserMessage([.text("[image/png image left out: this model does not take it]")], timestamp: 1))
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

    @Test("names that models invent go back in the form that providers take, with their results")
    func inventedNames() {
        let names = ["multi_tool_use.parallel", "bash<|channel|>commentary", "", String(repeating: "x", count: 70)]
        let calls = names.enumerated().map { index, name in
            Content.toolCall(ToolCall(id: "c\(index)", name: name, arguments: [:]))
        }
        var adapter = HistoryAdapter(info: Samples.info(.openai, "m"))
        let adapted = adapter.adapt(
            [Samples.assistant(calls, provider: .openai, model: "m")]
                + names.enumerated().map { Samples.result("c\($0)", "no such tool", tool: $1) }
        )
        let expected = [
            "multi_tool_use_parallel", "bash__channel__commentary", "unknown", String(repeating: "x", count: 64),
        ]
        guard case .assistant(let reply) = adapted[0] else {
            Issue.record("\(adapted)")
            return
        }
        #expect(reply.toolCalls.map(\.name) == expected)
        let results = adapted.dropFirst().compactMap { message -> String? in
            if case .toolResult(let result) = message { result.toolName } else { nil }
        }
        #expect(results == expected)
    }

    @Test("calls of one reply that share an id have a result each, and no argument holds NUL")
    func sharedIDs() {
        let calls: [Content] = ["a\u{0}b", "c"].map { text in
            .toolCall(ToolCall(id: "", name: "bash", arguments: ["list": [.string(text)]]))
        }
        var adapter = HistoryAdapter(info: Samples.info(.custom, "m"))
        let adapted = adapter.adapt(
            [Samples.assistant(calls, provider: .custom, model: "m"), Samples.result("", "1"), Samples.result("", "2")]
        )
        guard case .assistant(let reply) = adapted[0] else {
            Issue.record("\(adapted)")
            return
        }
        #expect(reply.toolCalls.map(\.id) == ["call", "_2"])
        #expect(reply.toolCalls[0].arguments == ["list": ["ab"]])
        #expect(Array(adapted.dropFirst()) == [Samples.result("call", "1"), Samples.result("_2", "2")])
    }

    @Test("long descriptions of tools are cut where they are refused")
    func longDescription() {
        var config = ModelConfig(provider: .custom, model: "m")
        config.reasoning = true
        let tool = ToolDefinition(name: "t", description: String(repeating: "é", count: 2780), schema: [:])
        let body = ChatRequest(config: config, info: ModelTable.info(for: config), dialect: ChatDialect(config))
            .body(for: ModelRequest(system: "", messages: [Samples.user("Go")], tools: [tool]))
        let text = body["tools"]?[0]?["function"]?["description"]?.stringValue
        #expect(text?.unicodeScalars.count == 1024 && text?.hasSuffix("…") == true)
    }

    @Test("behind OpenRouter the marks stand on what was said last, tool results among it, and go away with a refusal")
    func marks() {
        var config = ModelConfig(provider: .openrouter, model: "anthropic/claude-sonnet-4.6")
        config.thinkingLevel = .low
        let details = ThinkingContent(text: #"[{"index":0}]"#, signature: ChatReply.detailsField, isRedacted: true)
        let history: [Message] = [
            Samples.user("Go"),
            Samples.assistant([.thinking(details), call], provider: .openrouter, model: config.model),
            Samples.result("t 1", "one"), Samples.assistant([call], provider: .openrouter, model: config.model),
            Samples.result("t 1", "two"),
        ]
        let request = ModelRequest(system: "Sys", messages: history, tools: [])
        var writer = ChatRequest(config: config, info: ModelTable.info(for: config), dialect: ChatDialect(config))
        let messages = writer.body(for: request)["messages"]?.arrayValue ?? []
        #expect(messages.map { $0["content"]?[0]?["cache_control"] != nil } == [true, false, false, true, false, true])
        #expect(messages[5]["content"]?[0]?["text"] == "two")
        #expect(messages[2]["reasoning_details"] == [["index": 0]])
        writer.dropped = ["signature"]
        #expect(writer.body(for: request)["messages"]?[2]?["reasoning_details"] == nil)
    }

    @Test("reasoning that nothing followed does not go back")
    func reasoningAlone() {
        let config = ModelConfig(provider: .openai, model: "gpt-5.2")
        let item = #"{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"g"}"#
        let thinking = Content.thinking(ThinkingContent(text: "", signature: item))
        let history: [Message] = [
            Samples.user("Go"),
            Samples.assistant([thinking, .text("a")], provider: .openai, model: "gpt-5.2"), Samples.user("on"),
            Samples.assistant([thinking], provider: .openai, model: "gpt-5.2", stop: .length), Samples.user("on"),
        ]
        let writer = ResponsesRequest(config: config, info: ModelTable.info(for: config))
        let input = writer.body(for: ModelRequest(system: "", messages: history, tools: []))["input"]?.arrayValue
        #expect(input?.map { $0["type"] == "reasoning" } == [false, true, false, false, false])
    }

    @Test("a summary is asked for without thinking, also where no level is configured")
    func compaction() {
        let request = ModelRequest(
            system: "",
            messages: [Samples.user("Go")],
            tools: [],
            maxOutputTokens: 3200,
            isCompaction: true
        )
        func config(_ provider: ModelProvider, _ model: String) -> ModelConfig {
            ModelConfig(provider: provider, model: model)
        }
        func info(_ config: ModelConfig) -> ModelInfo { ModelTable.info(for: config) }
        let openai = config(.openai, "gpt-5.2")
        #expect(
            ResponsesRequest(config: openai, info: info(openai)).body(for: request)["reasoning"] == ["effort": "none"]
        )
        let codex = config(.openai, "gpt-5.1-codex")
        #expect(ResponsesRequest(config: codex, info: info(codex)).body(for: request)["reasoning"] == ["effort": "low"])
        // Many models behind OpenRouter refuse not to think.
        var router = config(.openrouter, "google/gemini-3-pro-preview")
        func reasoning() -> JSONValue? {
            let info = Samples.info(.openrouter, router.model, reasons: true)
            return ChatRequest(config: router, info: info, dialect: ChatDialect(router)).body(for: request)["reasoning"]
        }
        #expect(reasoning() == nil)
        router.thinkingLevel = .high
        #expect(reasoning() == ["effort": "none"])
        let google = config(.google, "gemini-2.5-flash")
        let body = GoogleRequest(info: info(google), thinkingLevel: nil).body(for: request)
        #expect(body["generationConfig"]?["thinkingConfig"]?["thinkingBudget"] == 0)
        let claude = config(.anthropic, "claude-sonnet-5")
        let settings = AnthropicRequest(info: info(claude), thinkingLevel: nil).thinking(for: request)
        #expect(settings.thinking == ["type": "disabled"])
    }

    @Test(
        "thoughts of Gemini 2.5 count as output, so that their budget leaves room for the answer",
        arguments: [
            ("gemini-2.5-pro", ThinkingLevel.high, Int?.none, 64768, 32768),
            ("gemini-2.5-flash", .low, nil, 34048, 2048), ("gemini-2.5-flash", .medium, 2000, 2000, 976),
            ("gemini-2.5-pro", .medium, 256, 256, 128), ("gemini-2.5-flash-lite", .high, 1200, 1200, 0),
        ]
    )
    func googleBudget(id: String, level: ThinkingLevel, limit: Int?, maxTokens: Int, budget: Int) {
        var info = Samples.info(.google, id, reasons: true)
        info.maxOutputTokens = 65536
        let thinking = GoogleThinking(level: level, info: info, limit: limit)
        #expect(thinking.maxTokens == maxTokens && thinking.config?["thinkingBudget"] == .int(budget))
    }

    @Test("without signatures Claude gets no budget for thinking, and Gemini what stands for them")
    func withoutSignatures() {
        let claude = Samples.info(.anthropic, "claude-sonnet-4-5", reasons: true)
        let request = Samples.request([Samples.user("Go")])
        let plain = AnthropicRequest(info: claude, thinkingLevel: .low, dropped: ["signature"])
        #expect(plain.thinking(for: request).thinking == nil)
        let adaptive = Samples.info(.anthropic, "claude-opus-4-6", reasons: true)
        let kept = AnthropicRequest(info: adaptive, thinkingLevel: .low, dropped: ["signature"])
        #expect(kept.thinking(for: request).thinking != nil)
        let gemini = Samples.info(.google, "gemini-3-flash-preview")
        let own = Content.toolCall(ToolCall(id: "x", name: "bash", arguments: [:], signature: "S"))
        let history = [
            Samples.user("Go"), Samples.assistant([own], provider: .google, model: gemini.id), Samples.result("x", "1"),
        ]
        let body = GoogleRequest(info: gemini, thinkingLevel: nil, dropped: ["signature"])
            .body(for: Samples.request(history))
        #expect(body["contents"]?[1]?["parts"]?[0]?["thoughtSignature"] == GoogleRequest.foreignSignature)
    }
}
