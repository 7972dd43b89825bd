import Domain
import Foundation
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import LanguageModels

@Suite("Conversations with a server")
struct ConversationTests {
    private static func withModel<Result: Sendable>(
        _ format: MockModelServer.Format,
        _ answers: [MockModelServer.Answer],
        key: String? = "secret-key-1",
        configure: @escaping @Sendable (inout ModelConfig) -> Void = { _ in },
        warn: @escaping @Sendable (String) -> Void = { _ in },
        body: @escaping @Sendable (any LanguageModel, MockModelServer) async throws -> Result
    ) async throws -> Result {
        var config = ModelConfig(provider: format == .chat ? .custom : .anthropic, model: "test-model")
        configure(&config)
        return try await MockedModel.run(config, format, answers, key: key, warn: warn, body: body)
    }

    private static func chat(_ delta: String, _ finish: String) -> MockModelServer.Answer {
        .init(stream: [
            "data: {\"choices\":[{\"delta\":\(delta),\"finish_reason\":null}]}\n",
            "\ndata: {\"choices\":[{\"delta\":{},\"finish_reason\":\"\(finish)\"}]}\n\ndata: [DONE]\n\n",
        ])
    }

    private static func anthropic(_ blocks: [String], _ stop: String) -> MockModelServer.Answer {
        var events = [#"{"type":"message_start","message":{"usage":{"input_tokens":5,"output_tokens":1}}}"#]
        for (index, block) in blocks.enumerated() {
            events.append(#"{"type":"content_block_start","index":\#(index),"content_block":\#(block)}"#)
            events.append(#"{"type":"content_block_stop","index":\#(index)}"#)
        }
        events.append(#"{"type":"message_delta","delta":{"stop_reason":"\#(stop)"},"usage":{"output_tokens":3}}"#)
        events.append(#"{"type":"message_stop"}"#)
        return .init(stream: events.map { "data: \($0)\n\n" })
    }

    /// Three turns: two calls at once, of which one fails, then another, then the end.
    private static func converse(_ model: any LanguageModel) async throws -> [Message] {
        var messages = [Samples.user("Go")]
        for _ in 0..<3 {
            let reply = try await model.reply(to: Samples.request(messages), onEvent: { _ in })
            messages.append(.assistant(reply))
            for (index, call) in reply.toolCalls.enumerated() {
                messages.append(Samples.result(call.id, "result \(index)", isError: index == 1))
            }
        }
        return messages
    }

    @Test("three turns of Chat Completions send exactly the history")
    func chatConversation() async throws {
        let two = #"""
            {"tool_calls":[{"index":0,"id":"a","function":{"name":"bash","arguments":"{\"command\":\"ls\"}"}},{"index":1,"id":"b","function":{"name":"read","arguments":"{\"path\":\"x\"}"}}]}
            """#
        let one = #"{"content":"Hm","tool_calls":[{"index":0,"id":"c","function":{"name":"bash","arguments":"{}"}}]}"#
        let answers = [
            Self.chat(two, "tool_calls"), Self.chat(one, "tool_calls"), Self.chat(#"{"content":"Done"}"#, "stop"),
        ]
        try await Self.withModel(.chat, answers) { model, server in
            let messages = try await Self.converse(model)
            #expect(server.problems == [])
            #expect(messages.count == 7)
            let last = try #require(server.received.last)
            #expect(last.headers["authorization"] == "Bearer secret-key-1")
            #expect(last.headers["user-agent"] == "action-llama/1.2.3")
            let expected = #"""
                [{"role":"system","content":"Be brief."},{"role":"user","content":"Go"},{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"bash","arguments":"{\"command\":\"ls\"}"}},{"id":"b","type":"function","function":{"name":"read","arguments":"{\"path\":\"x\"}"}}]},{"role":"tool","tool_call_id":"a","content":"result 0"},{"role":"tool","tool_call_id":"b","content":"result 1"},{"role":"assistant","content":"Hm","tool_calls":[{"id":"c","type":"function","function":{"name":"bash","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"result 0"}]
                """#
            #expect(last.body["messages"]?.compactText == expected)
        }
    }

    @Test("three turns with Claude send exactly the history")
    func anthropicConversation() async throws {
        let answers = [
            Self.anthropic(
                [
                    #"{"type":"thinking","thinking":"Hm","signature":"S"}"#,
                    #"{"type":"tool_use","id":"a","name":"bash","input":{"command":"ls"}}"#,
                    #"{"type":"tool_use","id":"b","name":"read","input":{"path":"x"}}"#,
                ],
                "tool_use"
            ), Self.anthropic([#"{"type":"tool_use","id":"c","name":"bash","input":{}}"#], "tool_use"),
            Self.anthropic([#"{"type":"text","text":"Done"}"#], "end_turn"),
        ]
        try await Self.withModel(.anthropic, answers) { model, server in
            let messages = try await Self.converse(model)
            #expect(server.problems == [])
            guard case .assistant(let end)? = messages.last else { return }
            #expect(end.text == "Done" && end.usage.output == 3 && end.timestamp == 5000)
            let last = try #require(server.received.last)
            #expect(last.headers["x-api-key"] == "secret-key-1" && last.headers["anthropic-beta"] == nil)
            let expected = #"""
                [{"role":"user","content":[{"type":"text","text":"Go"}]},{"role":"assistant","content":[{"type":"thinking","thinking":"Hm","signature":"S"},{"type":"tool_use","id":"a","name":"bash","input":{"command":"ls"}},{"type":"tool_use","id":"b","name":"read","input":{"path":"x"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"result 0"}],"is_error":false},{"type":"tool_result","tool_use_id":"b","content":[{"type":"text","text":"result 1"}],"is_error":true,"cache_control":{"type":"ephemeral"}}]},{"role":"assistant","content":[{"type":"tool_use","id":"c","name":"bash","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":[{"type":"text","text":"result 0"}],"is_error":false,"cache_control":{"type":"ephemeral"}}]}]
                """#
            #expect(last.body["messages"]?.compactText == expected)
        }
    }

    @Test("a subscription token is a bearer token with its beta header")
    func oauth() async throws {
        let answer = Self.anthropic([#"{"type":"text","text":"x"}"#], "end_turn")
        try await Self.withModel(.anthropic, [answer], key: "sk-ant-oat01-x") { model, server in
            _ = try await model.reply(to: Samples.request([Samples.user("Go")]), onEvent: { _ in })
            let headers = try #require(server.received.first).headers
            #expect(headers["authorization"] == "Bearer sk-ant-oat01-x" && headers["x-api-key"] == nil)
            #expect(headers["anthropic-beta"] == "oauth-2025-04-20")
        }
    }

    @Test("a configured header takes the place of the same one that holds the key")
    func configuredKey() async throws {
        let configure: @Sendable (inout ModelConfig) -> Void = { $0.headers = ["Authorization": "Basic own"] }
        try await Self.withModel(.chat, [Self.chat(#"{"content":"x"}"#, "stop")], configure: configure) {
            model,
            server in
            _ = try await model.reply(to: Samples.request([Samples.user("Go")]), onEvent: { _ in })
            #expect(server.received.first?.headers["authorization"] == "Basic own")
        }
    }

    @Test("configured headers take the place of those that say who asks for what, but the body is JSON")
    func configuredHeaders() async throws {
        let headers = ["User-Agent": "team/1", "Accept": "*/*", "Content-Type": "text/plain"]
        let configure: @Sendable (inout ModelConfig) -> Void = { $0.headers = headers }
        try await Self.withModel(.chat, [Self.chat(#"{"content":"x"}"#, "stop")], configure: configure) {
            model,
            server in
            _ = try await model.reply(to: Samples.request([Samples.user("Go")]), onEvent: { _ in })
            let sent = try #require(server.received.first).headers
            #expect(sent["user-agent"] == "team/1" && sent["accept"] == "*/*")
            #expect(sent["content-type"] == "application/json")
        }
    }

    @Test("without a key there is no authorization header, and further headers are sent")
    func noKey() async throws {
        let configure: @Sendable (inout ModelConfig) -> Void = { $0.headers = ["x-team": "one"] }
        try await Self.withModel(.chat, [Self.chat(#"{"content":"x"}"#, "stop")], key: nil, configure: configure) {
            model,
            server in
            _ = try await model.reply(to: Samples.request([Samples.user("Go")]), onEvent: { _ in })
            let headers = try #require(server.received.first).headers
            #expect(headers["authorization"] == nil && headers["x-team"] == "one")
        }
    }

    @Test("an error answer is classified, with the wait, and the key is never shown")
    func errors() async throws {
        let answer = MockModelServer.Answer(
            status: 429,
            headers: ["retry-after": "3", "x-request-id": "r1"],
            body: #"{"error":{"message":"slow down, secret-key-1"}}"#
        )
        try await Self.withModel(.chat, [answer]) { model, _ in
            let error = await #expect(throws: ModelError.self) {
                try await model.reply(to: Samples.request([Samples.user("Go")]), onEvent: { _ in })
            }
            #expect(error?.code == .rateLimit && error?.retryAfter == .seconds(3) && error?.requestID == "r1")
            #expect(error?.message == "slow down, ***")
        }
    }

    @Test("an answer that is no stream, a redirect and a stream cut short are told apart")
    func brokenAnswers() async throws {
        let answers = [
            MockModelServer.Answer(status: 200, body: #"{"error":{"code":"insufficient_quota","message":"pay"}}"#),
            .init(status: 200, body: "{}"), .init(status: 302, headers: ["location": "http://elsewhere"], body: ""),
            .init(stream: ["data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}],\"usage\":{\"prompt_tokens\":9}}\n\n"]
            ),
        ]
        try await Self.withModel(.chat, answers) { model, _ in
            var errors: [ModelError] = []
            for _ in answers {
                do {
                    _ = try await model.reply(to: Samples.request([Samples.user("Go")]), onEvent: { _ in })
                } catch let error as ModelError {
                    errors.append(error)
                }
            }
            #expect(errors.map(\.code) == [.quota, .transient, .badRequest, .transient])
            #expect(errors.last?.usage?.input == 9)
        }
    }

    @Test("a refused field is left out from then on")
    func refusedField() async throws {
        let refusal = MockModelServer.Answer(
            status: 400,
            body: #"{"error":{"message":"unknown field stream_options"}}"#
        )
        let fine = Self.chat(#"{"content":"x"}"#, "stop")
        try await Self.withModel(.chat, [refusal, fine, fine]) { model, server in
            for _ in 0..<2 {
                _ = try await model.reply(to: Samples.request([Samples.user("Go")]), onEvent: { _ in })
            }
            #expect(server.received.map { $0.body["stream_options"] != nil } == [true, false, false])
        }
    }

    @Test("nobody at the other end is transient")
    func nobody() async throws {
        let http = HTTPRoutes(.direct, configuration: modelHTTPConfiguration())
        var config = ModelConfig(provider: .custom, model: "m")
        // Port 1 is reserved and never listened on.
        config.baseURL = "http://127.0.0.1:1/v1"
        let model = try makeLanguageModel(config, key: nil, in: MockedModel.environment(http))
        let error = await #expect(throws: ModelError.self) {
            try await model.reply(to: Samples.request([Samples.user("Go")]), onEvent: { _ in })
        }
        #expect(error?.code == .transient)
        await http.shutdown()
    }

    @Test("a model without its URL or script is a typed error", arguments: [ModelProvider.custom, .scripted])
    func unavailable(provider: ModelProvider) async throws {
        let http = HTTPRoutes(.direct)
        let error = #expect(throws: ModelError.self) {
            try makeLanguageModel(
                ModelConfig(provider: provider, model: "m"),
                key: nil,
                in: MockedModel.environment(http)
            )
        }
        #expect(error?.code == .badRequest && error?.provider == provider)
        await http.shutdown()
    }

    @Test("every other provider needs nothing but its key, and a chain is one model", arguments: ModelProvider.allCases)
    func available(provider: ModelProvider) async throws {
        guard provider != .custom, provider != .scripted else { return }
        let http = HTTPRoutes(.direct)
        let chain = ["first", "second"].map { ModelConfig(provider: provider, model: $0) }
        let model = try makeLanguageModel(chain: chain, keys: [provider: "k"], in: MockedModel.environment(http))
        #expect(model.info.name == "\(provider.rawValue)/first")
        await http.shutdown()
    }

    @Test("a key that contradicts authType is sent as what it is, with a warning")
    func contradiction() async throws {
        let warnings = Mutex<[String]>([])
        let answer = Self.anthropic([#"{"type":"text","text":"x"}"#], "end_turn")
        try await Self.withModel(
            .anthropic,
            [answer],
            key: "sk-ant-oat01-x",
            warn: { text in warnings.withLock { $0.append(text) } }
        ) { model, server in
            _ = try await model.reply(to: Samples.request([Samples.user("Go")]), onEvent: { _ in })
            #expect(server.received.first?.headers["x-api-key"] == nil)
        }
        #expect(warnings.withLock { $0.first }?.hasPrefix("authType is api_key, but the key is an oauth_token") == true)
    }

    @Test("several betas share one header, also those of the configuration")
    func betas() async throws {
        let answer = Self.anthropic([#"{"type":"text","text":"x"}"#], "end_turn")
        let configure: @Sendable (inout ModelConfig) -> Void = {
            $0.model = "claude-sonnet-4-5"
            $0.thinkingLevel = .low
            $0.headers = ["Anthropic-Beta": "own-2026"]
        }
        try await Self.withModel(.anthropic, [answer], configure: configure) { model, server in
            _ = try await model.reply(to: Samples.request([Samples.user("Go")]), onEvent: { _ in })
            let value = server.received.first?.headers["anthropic-beta"]
            #expect(value == "interleaved-thinking-2025-05-14,own-2026")
        }
    }
}
