import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import LanguageModels

/// Stands where the gateway does: takes `/llm/<name>/…` and passes it on with the real key.
private struct Relaying: HTTPResponder {
    let chain: [ModelConfig]
    let key: String
    let http: HTTPRoutes
    let seen: Seen

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        let parts = request.uri.string.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true).map(
            String.init
        )
        let keys = Dictionary(chain.map { ($0.provider, key) }) { first, _ in first }
        let headers = request.headers.filter { !$0.value.contains("al-llm-token") }.map { ($0.name.rawName, $0.value) }
        guard headers.count < request.headers.count, parts.count == 3, parts[0] == "llm",
            let relay = ModelRelay(name: parts[1], chain: chain, keys: keys, in: MockedModel.environment(http)),
            let length = request.headers[.contentLength].flatMap({ Int($0) }),
            let reply = try await relay.send("/" + parts[2], headers: headers, body: request.body, length: length)
        else { return Response(status: .notFound) }
        var fields = HTTPFields()
        for (name, value) in reply.headers {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        let body = ResponseBody { writer in
            for try await bytes in reply.body { try await writer.write(bytes) }
            seen.usages.withLock { $0.append(reply.usage) }
            try await writer.finish(nil)
        }
        return Response(status: .init(code: reply.status), headers: fields, body: body)
    }
}

/// What the gateway learnt of the replies' costs.
private final class Seen: Sendable {
    let usages = Mutex<[TokenUsage?]>([])
}

@Suite("Models that are asked through the gateway", .timeLimit(.minutes(5)))
struct RelayTests {
    private static let streams: [MockModelServer.Format: [String]] = [
        .anthropic: [
            #"{"type":"message_start","message":{"usage":{"input_tokens":5,"output_tokens":1}}}"#,
            #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"hello"}}"#,
            #"{"type":"content_block_stop","index":0}"#,
            #"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":3}}"#,
            #"{"type":"message_stop"}"#,
        ],
        .chat: [
            #"{"choices":[{"delta":{"content":"hello"},"finish_reason":"stop"}]}"#,
            #"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":3}}"#, "[DONE]",
        ],
        .google: [
            #"{"candidates":[{"content":{"parts":[{"text":"hello"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":3}}"#
        ],
        .mistral: [
            #"{"choices":[{"delta":{"content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":3}}"#,
            "[DONE]",
        ],
        .responses: [
            #"{"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"m","role":"assistant","content":[]}}"#,
            #"{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"hello"}"#,
            #"{"type":"response.output_item.done","output_index":0,"item":{"type":"message","id":"m","role":"assistant","content":[{"type":"output_text","text":"hello"}]}}"#,
            #"{"type":"response.completed","response":{"status":"completed","usage":{"input_tokens":5,"output_tokens":3}}}"#,
        ],
    ]

    private static func answer(_ format: MockModelServer.Format) -> MockModelServer.Answer {
        .init(stream: (streams[format] ?? []).map { "data: \($0)\n\n" })
    }

    /// Asks the models of a chain through the relay, as a run does that has a token only.
    private func ask(
        _ format: MockModelServer.Format,
        _ answers: [MockModelServer.Answer],
        key: String = "secret-key-1",
        configure: @escaping @Sendable (inout ModelConfig) -> Void = { _ in },
        _ body:
            @escaping @Sendable (any LanguageModel, MockModelServer, _ usage: () -> [TokenUsage?]) async throws -> Void
    ) async throws {
        try await MockModelServer.run(format, answers: answers) { server, base in
            var config = MockedModel.config(format)
            config.baseURL = base
            configure(&config)
            let chain = [config]
            let http = HTTPRoutes(.direct, configuration: modelHTTPConfiguration())
            let seen = Seen()
            let relaying = Relaying(chain: chain, key: key, http: http, seen: seen)
            do {
                try await LoopbackServer.run(relaying) { port in
                    var environment = MockedModel.environment(http)
                    environment.relay = "http://127.0.0.1:\(port)/llm"
                    let keys = [config.provider: "al-llm-token"]
                    let model = try makeLanguageModel(chain: chain, keys: keys, in: environment)
                    try await body(model, server) { seen.usages.withLock { $0 } }
                }
            } catch {
                await http.shutdown()
                throw error
            }
            await http.shutdown()
        }
    }

    @Test(
        "The server hears the key and never the token, the run hears the reply, and the gateway what it cost",
        arguments: [.anthropic, .chat, .google, .mistral, .responses] as [MockModelServer.Format]
    )
    func formats(format: MockModelServer.Format) async throws {
        try await ask(format, [Self.answer(format)]) { model, server, usage in
            let reply = try await model.reply(to: Samples.request([Samples.user("Go")]), onEvent: { _ in })
            #expect(server.problems == [])
            let headers = try #require(server.received.first?.headers)
            #expect(headers.values.contains { $0 == "secret-key-1" || $0 == "Bearer secret-key-1" })
            #expect(!headers.values.contains { $0.contains("al-llm-token") })
            #expect(headers["user-agent"] == "action-llama/1.2.3")
            guard case .text(let text) = reply.content.first else { return #expect(Bool(false), "\(reply.content)") }
            #expect(text.text == "hello" && reply.content.count == 1)
            #expect((reply.usage.input, reply.usage.output) == (5, 3))
            // The model's client has its end mark before the relay has its end.
            while usage().isEmpty { await Task.yield() }
            #expect(usage() == [reply.usage])
        }
    }

    @Test("A subscription's token goes where such tokens go, with the betas of both sides in one line")
    func oauth() async throws {
        try await ask(.anthropic, [Self.answer(.anthropic)], key: "sk-ant-oat-1") { config in
            config.headers = ["anthropic-beta": "mine"]
        } _: { model, server, _ in
            _ = try await model.reply(to: Samples.request([Samples.user("Go")]), onEvent: { _ in })
            let headers = try #require(server.received.first?.headers)
            #expect(headers["authorization"] == "Bearer sk-ant-oat-1" && headers["x-api-key"] == nil)
            #expect(headers["anthropic-beta"] == "mine,oauth-2025-04-20")
        }
    }

    @Test("A configured header takes the place of the same one that holds the key")
    func configuredKey() async throws {
        try await ask(.chat, [Self.answer(.chat)]) { config in
            config.headers = ["Authorization": "Basic own"]
        } _: { model, server, _ in
            _ = try await model.reply(to: Samples.request([Samples.user("Go")]), onEvent: { _ in })
            #expect(server.received.first?.headers["authorization"] == "Basic own")
        }
    }

    @Test("A configured user agent passes the gateway")
    func configuredUserAgent() async throws {
        try await ask(.chat, [Self.answer(.chat)]) { config in
            config.headers = ["User-Agent": "team/1", "Accept": "*/*"]
        } _: { model, server, _ in
            _ = try await model.reply(to: Samples.request([Samples.user("Go")]), onEvent: { _ in })
            let headers = try #require(server.received.first?.headers)
            #expect(headers["user-agent"] == "team/1" && headers["accept"] == "*/*")
        }
    }

    @Test("An error of the server reaches the run as such, without the key that some servers repeat")
    func errors() async throws {
        let body = #"{"error":{"message":"Incorrect API key provided: secret-key-1","type":"invalid_request_error"}}"#
        try await ask(.chat, [.init(status: 401, headers: ["x-request-id": "r-1"], body: body)]) { model, _, usage in
            let error = try #require(await MockedModel.failure(model))
            #expect(error.code == .auth && error.requestID == "r-1")
            #expect(error.message.contains("provided: ***"))
            #expect(usage() == [nil])
        }
    }

    @Test("Nothing but the path of the model's client is passed on, to a model of the chain only")
    func otherPaths() async throws {
        let http = HTTPRoutes(.direct)
        let environment = MockedModel.environment(http)
        let chain = [
            ModelConfig(provider: .openai, model: "gpt-5.2"), ModelConfig(provider: .scripted, model: "s.yaml"),
        ]
        let relay = try #require(ModelRelay(name: "openai", chain: chain, keys: [.openai: "k"], in: environment))
        for path in ["/files", "/responses/1", "/responses?x", "/models", "/chat/completions", "/../responses"] {
            let body = AsyncThrowingStream<ByteBuffer, any Error> { $0.finish() }
            #expect(try await relay.send(path, headers: [], body: body, length: 0) == nil)
        }
        for name in ["anthropic", "openai-2", "scripted", ""] {
            #expect(ModelRelay(name: name, chain: chain, keys: [:], in: environment) == nil)
        }
        await http.shutdown()
    }

    @Test("Models of one provider are told apart by number")
    func names() {
        let models = [ModelProvider.custom, .anthropic, .custom, .scripted, .custom]
        let chain = models.map { ModelConfig(provider: $0, model: "m") }
        #expect(chain.relayNames == ["custom", "anthropic", "custom-2", "scripted", "custom-3"])
    }
}
