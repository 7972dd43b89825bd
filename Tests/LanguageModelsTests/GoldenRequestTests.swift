import Domain
import TestSupport
import Testing

@testable import LanguageModels

@Suite("Request bodies on the wire", .timeLimit(.minutes(5)))
struct GoldenRequestTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let format: MockModelServer.Format
        let config: ModelConfig
        /// A stream that ends the request well.
        let answer: String
        var testDescription: String { name }

        init(
            _ name: String,
            _ format: MockModelServer.Format,
            _ provider: ModelProvider,
            _ model: String,
            _ level: ThinkingLevel? = nil,
            api: ModelWireFormat? = nil,
            answer: String
        ) {
            self.name = name
            self.format = format
            self.answer = answer
            var config = ModelConfig(provider: provider, model: model)
            config.thinkingLevel = level
            config.wireFormat = api
            config.images = true
            self.config = config
        }
    }

    static let cases: [Case] = [
        Case("anthropic-budget", .anthropic, .anthropic, "claude-sonnet-4-5", .medium, answer: "anthropic-thinking"),
        Case("anthropic-adaptive", .anthropic, .anthropic, "claude-opus-4-6", .xhigh, answer: "anthropic-thinking"),
        Case("anthropic-plain", .anthropic, .anthropic, "claude-3-5-haiku-20241022", answer: "anthropic-empty"),
        Case("responses-reasoning", .responses, .openai, "gpt-5.2", .xhigh, answer: "responses-thinking"),
        Case("responses-plain", .responses, .openai, "gpt-4.1", answer: "responses-empty"),
        Case("chat-openai", .chat, .openai, "gpt-5.2", .off, api: .chat, answer: "chat-text"),
        Case("chat-groq", .chat, .groq, "openai/gpt-oss-120b", .high, answer: "chat-text"),
        Case("chat-xai", .chat, .xai, "grok-3-mini", .medium, answer: "chat-text"),
        Case("chat-openrouter", .chat, .openrouter, "anthropic/claude-sonnet-4.6", .low, answer: "chat-text"),
        Case("chat-custom", .chat, .custom, "qwen3:8b", answer: "chat-text"),
        Case("google-3", .google, .google, "gemini-3-flash-preview", .medium, answer: "google-thinking"),
        Case("google-2.5", .google, .google, "gemini-2.5-flash", .low, answer: "google-thinking"),
        Case("mistral-reasoning", .mistral, .mistral, "magistral-medium-latest", .high, answer: "mistral-thinking"),
        Case("mistral-plain", .mistral, .mistral, "mistral-large-latest", answer: "mistral-thinking"),
    ]

    @Test("a long history has exactly this form, and the strict server takes it", arguments: cases)
    func bodies(sample: Case) async throws {
        let answer = MockModelServer.Answer(stream: [try Fixture.text("Streams/\(sample.answer).sse")])
        let body = try await MockedModel.run(sample.config, sample.format, [answer]) { model, server in
            _ = try await model.reply(to: Self.request(for: model.info), onEvent: { _ in })
            #expect(server.problems == [])
            return server.received.first?.body
        }
        try Fixture.expect(try #require(body), equals: "Requests/\(sample.name).json")
    }

    /// Three turns: two calls of which one fails, a turn of another model whose ids have another form, an image, a note.
    private static func request(for info: ModelInfo) -> ModelRequest {
        let picture = Content.image(ImageContent(mime: "image/png", base64: "iVBORw0KGgo="))
        let messages: [Message] = [
            .user(UserMessage([.text("Describe the picture: Grüße, 🦙"), picture], timestamp: 1)),
            Samples.assistant(own(info), provider: info.provider, model: info.id, stop: .toolUse),
            Samples.result("call000A1", "a.txt\nb.txt"),
            Samples.result("call000B2", "no such file: x", tool: "read", isError: true),
            Samples.assistant(
                [
                    .thinking(ThinkingContent(text: "Another model thought.", signature: "foreign")),
                    .toolCall(
                        ToolCall(id: "odd id:1|x", name: "read", arguments: ["path": "shot.png"], signature: "S")
                    ),
                ],
                provider: .custom,
                model: "other",
                stop: .toolUse
            ),
            .toolResult(
                ToolResultMessage(
                    callID: "odd id:1|x",
                    toolName: "read",
                    content: [.text("image/png, 1x1"), picture],
                    isError: false,
                    timestamp: 2
                )
            ),
            Samples.user("20 % of the budget is left."),
        ]
        return ModelRequest(system: "Be brief.", messages: messages, tools: [Samples.bash, Samples.read])
    }

    /// A reply as the model itself gave it.
    private static func own(_ info: ModelInfo) -> [Content] {
        let item = #"{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA=="}"#
        let signature: String =
            switch info.provider {
            case .openai: item
            case .groq: "reasoning"
            case .xai, .custom: "reasoning_content"
            default: "EqQBCgIYAhIM"
            }
        var content: [Content] = []
        if info.canReason, info.provider != .openrouter {
            content.append(.thinking(ThinkingContent(text: "Look first.", signature: signature)))
        }
        return content + [
            .text(TextContent(text: "I look.", signature: info.provider == .openai ? "msg_1" : nil)),
            .toolCall(
                ToolCall(
                    id: "call000A1",
                    name: "bash",
                    arguments: ["command": "ls"],
                    signature: info.provider == .google ? "Cg==" : info.provider == .openai ? "fc_1" : nil
                )
            ),
            .toolCall(
                ToolCall(
                    id: "call000B2",
                    name: "read",
                    arguments: ["path": "x", "limit": .number("1.50")],
                    signature: info.provider == .openai ? "fc_2" : nil
                )
            ),
        ]
    }
}
