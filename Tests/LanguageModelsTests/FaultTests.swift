import Domain
import Foundation
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import LanguageModels

@Suite("Faults of servers", .timeLimit(.minutes(5)))
struct FaultTests {
    typealias Format = MockModelServer.Format
    typealias Answer = MockModelServer.Answer

    static let formats: [Format] = [.anthropic, .chat, .responses, .google, .mistral]

    private func failure(_ format: Format, _ answer: Answer, idle: TimeAmount = .seconds(300)) async throws
        -> ModelError?
    {
        try await MockedModel.run(MockedModel.config(format), format, [answer], idle: idle) { model, server in
            let error = await MockedModel.failure(model)
            #expect(server.problems == [])
            return error
        }
    }

    /// An error body as the provider of the format words it.
    private static func body(
        _ format: Format,
        type: String,
        status: String,
        _ message: String,
        parameter: String? = nil
    ) -> String {
        let message = JSONValue.quoted(message)
        switch format {
        case .anthropic: return #"{"type":"error","error":{"type":"\#(type)","message":\#(message)},"request_id":"r9"}"#
        case .google: return #"[{"error":{"code":0,"message":\#(message),"status":"\#(status)"}}]"#
        case .mistral: return #"{"object":"error","message":\#(message),"type":"\#(type)","code":"1300"}"#
        case .chat, .responses:
            let parameter = parameter.map(JSONValue.quoted) ?? "null"
            return #"{"error":{"message":\#(message),"type":"\#(type)","param":\#(parameter),"code":null}}"#
        }
    }

    @Test("429 with Retry-After is a rate limit with that wait", arguments: formats)
    func limited(format: Format) async throws {
        let body = Self.body(format, type: "rate_limit_error", status: "RESOURCE_EXHAUSTED", "Slow down")
        let answer = Answer(status: 429, headers: ["retry-after": "17", "x-request-id": "r1"], body: body)
        let error = try await failure(format, answer)
        #expect(error?.code == .rateLimit && error?.retryAfter == .seconds(17) && error?.status == 429)
        #expect(error?.requestID == "r1")
    }

    @Test("429 without Retry-After is a rate limit without a wait", arguments: formats)
    func limitedWithoutWait(format: Format) async throws {
        let body = Self.body(format, type: "rate_limit_error", status: "RESOURCE_EXHAUSTED", "Slow down")
        let error = try await failure(format, Answer(status: 429, body: body))
        #expect(error?.code == .rateLimit && error?.retryAfter == nil)
    }

    @Test("529 is an overload, 401 a wrong key that is named", arguments: formats)
    func statuses(format: Format) async throws {
        let overload = Self.body(format, type: "overloaded_error", status: "UNAVAILABLE", "Overloaded")
        #expect(try await failure(format, Answer(status: 529, body: overload))?.code == .overloaded)
        let wrong = Self.body(format, type: "authentication_error", status: "UNAUTHENTICATED", "secret-key-1 is wrong")
        let error = try await failure(format, Answer(status: 401, body: wrong))
        #expect(error?.code == .auth)
        #expect(error?.message.contains("secret-key-1") == false && error?.message.contains("_key:default") == true)
    }

    @Test(
        "a prompt that is too long is an overflow in the words of each provider",
        arguments: [
            (Format.anthropic, "prompt is too long: 208310 tokens > 200000 maximum"),
            (.chat, "the request exceeds the available context size, try increasing it"),
            (.responses, "Your input exceeds the context window of this model."),
            (.google, "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."),
            (.mistral, "Prompt contains 40000 tokens, too large for model with 32768 maximum context length"),
        ]
    )
    func overflow(format: Format, message: String) async throws {
        let body = Self.body(format, type: "invalid_request_error", status: "INVALID_ARGUMENT", message)
        #expect(try await failure(format, Answer(status: 400, body: body))?.code == .overflow)
    }

    @Test("a stream that is cut short, or holds garbage, is transient", arguments: formats, ["cut", "garbage"])
    func broken(format: Format, fault: String) async throws {
        let name = format == .mistral ? "chat" : "\(format)"
        let stream = try Fixture.text("Streams/\(name)-\(fault).sse")
        let error = try await failure(format, Answer(stream: [stream]))
        #expect(error?.code == .transient)
    }

    @Test("a server that falls silent in the middle is transient", arguments: formats)
    func hang(format: Format) async throws {
        let name = format == .mistral ? "chat" : "\(format)"
        var answer = Answer(stream: [try Fixture.text("Streams/\(name)-cut.sse")])
        answer.hangs = true
        let error = try await failure(format, answer, idle: .milliseconds(50))
        #expect(error?.code == .transient && error?.status == nil)
    }

    @Test("what a broken stream has counted is billed")
    func billed() async throws {
        let stream = try Fixture.text("Streams/anthropic-cut.sse")
        let error = try await failure(.anthropic, Answer(stream: [stream]))
        #expect(error?.usage?.input == 1200 && error?.usage?.cacheRead == 4000)
    }

    @Test(
        "an error inside the stream has its class and its wait",
        arguments: [
            (Format.anthropic, "anthropic-error", ModelError.Code.overloaded, Duration?.none),
            (.responses, "responses-error", .rateLimit, .milliseconds(1500)),
            (.responses, "responses-failed", .transient, nil), (.responses, "responses-filtered", .filtered, nil),
            (.chat, "chat-error", .transient, nil), (.chat, "chat-filtered", .filtered, nil),
            (.mistral, "mistral-error", .transient, nil), (.google, "google-error", .transient, nil),
            (.google, "google-safety", .filtered, nil), (.google, "google-blocked", .filtered, nil),
            (.google, "google-malformed-call", .transient, nil),
        ]
    )
    func inStream(format: Format, name: String, code: ModelError.Code, wait: Duration?) async throws {
        let error = try await failure(format, Answer(stream: [try Fixture.text("Streams/\(name).sse")]))
        #expect(error?.code == code && error?.retryAfter == wait)
    }

    @Test("a refusal is a reply with its own end, an empty answer an empty reply")
    func refusalAndEmpty() async throws {
        for format in [Format.anthropic, .chat, .responses] {
            let answers = try ["refusal", "empty"].map {
                Answer(stream: [try Fixture.text("Streams/\(format)-\($0).sse")])
            }
            let replies = try await MockedModel.run(MockedModel.config(format), format, answers) { model, _ in
                let request = Samples.request([Samples.user("Go")])
                let refusal = try await model.reply(to: request, onEvent: { _ in })
                return [refusal, try await model.reply(to: request, onEvent: { _ in })]
            }
            #expect(replies.map(\.stop) == [.refusal, .stop])
            #expect(!replies[0].text.isEmpty && replies[1].content.isEmpty)
        }
    }

    @Test(
        "a field that a server refuses is left out from then on",
        arguments: [
            (Format.responses, "Unsupported parameter: 'parallel_tool_calls'", "parallel_tool_calls"),
            (.mistral, "prompt_mode is not supported by this model", "prompt_mode"),
            (.google, "Thinking is not supported for this model: thinking_config", "generationConfig.thinkingConfig"),
            (.anthropic, "thinking: adaptive is not supported on this model", "thinking"),
        ]
    )
    func refusedField(format: Format, message: String, field: String) async throws {
        var config = MockedModel.config(format)
        config.thinkingLevel = .high
        let refusal = Answer(
            status: 400,
            body: Self.body(format, type: "invalid_request_error", status: "INVALID_ARGUMENT", message)
        )
        let stream = format == .mistral ? "chat-text" : "\(format)-thinking"
        let fine = Answer(stream: [try Fixture.text("Streams/\(stream).sse")])
        try await MockedModel.run(config, format, [refusal, fine, fine]) { model, server in
            for _ in 0..<2 { _ = try await model.reply(to: Samples.request([Samples.user("Go")]), onEvent: { _ in }) }
            let has = server.received.map { received in
                field.split(separator: ".").reduce(received.body as JSONValue?) { $0?[String($1)] } != nil
            }
            #expect(has == [true, false, false])
        }
    }

    struct Refusal: Sendable {
        var format: Format
        var model: String
        var message: String
        var parameter: String?
        /// Path into the body.
        var field: String
    }

    @Test(
        "of a refusal's words only what was sent counts, and the parameter it names goes first",
        arguments: [
            Refusal(
                format: .chat,
                model: "gpt-5",
                message: "Unsupported parameter: 'max_tokens' is not supported with this model. "
                    + "Use 'max_completion_tokens' instead.",
                parameter: "max_tokens",
                field: "max_tokens"
            ),
            Refusal(
                format: .responses,
                model: "gpt-5.1-codex",
                message: "Unsupported value: 'none' is not supported with the 'gpt-5.1-codex' model.",
                parameter: "reasoning.effort",
                field: "reasoning"
            ),
            Refusal(
                format: .responses,
                model: "gpt-5-chat-latest",
                message: "Encrypted content is not supported with this model.",
                parameter: "include",
                field: "include"
            ),
            Refusal(
                format: .responses,
                model: "gpt-5.2",
                message: "Item 'rs_1' of type 'reasoning' was provided without its required following item.",
                parameter: "input",
                field: "include"
            ),
        ]
    )
    func refusedParameter(_ refusal: Refusal) async throws {
        var config = MockedModel.config(refusal.format)
        config.model = refusal.model
        config.thinkingLevel = .high
        let body = Self.body(
            refusal.format,
            type: "invalid_request_error",
            status: "",
            refusal.message,
            parameter: refusal.parameter
        )
        let stream = refusal.format == .chat ? "chat-text" : "responses-thinking"
        let fine = Answer(stream: [try Fixture.text("Streams/\(stream).sse")])
        try await MockedModel.run(config, refusal.format, [Answer(status: 400, body: body), fine]) { model, server in
            _ = try await model.reply(to: Samples.request([Samples.user("Go")]), onEvent: { _ in })
            #expect(server.received.map { $0.body[refusal.field] != nil } == [true, false])
        }
    }

    @Test("several fields may be refused one after the other; words about what is not sent repeat nothing")
    func refusedTwice() async throws {
        let config = MockedModel.config(.chat)
        let refusals = ["stream_options", "max_tokens", "thinking"].map {
            Answer(status: 400, body: Self.body(.chat, type: "invalid_request_error", status: "", "no \($0) here"))
        }
        try await MockedModel.run(config, .chat, refusals) { model, server in
            #expect(await MockedModel.failure(model)?.code == .badRequest)
            #expect(server.received.map { $0.body["stream_options"] != nil } == [true, false, false])
            #expect(server.received.map { $0.body["max_tokens"] != nil } == [true, true, false])
        }
    }

    @Test("what a summary is refused for stays in the requests of the conversation, and is told once")
    func refusedSummary() async throws {
        var config = MockedModel.config(.chat)
        config.reasoning = true
        config.compatibility.thinkingFormat = "effort"
        config.thinkingLevel = .high
        let body = Self.body(
            .chat,
            type: "invalid_request_error",
            status: "",
            "Unsupported value: 'low'",
            parameter: "reasoning_effort"
        )
        let fine = Answer(stream: [try Fixture.text("Streams/chat-text.sse")])
        let answers = [Answer(status: 400, body: body), fine, fine, fine]
        let warnings = Mutex<[String]>([])
        let warn: @Sendable (String) -> Void = { text in warnings.withLock { $0.append(text) } }
        try await MockedModel.run(config, .chat, answers, warn: warn) { model, server in
            var summary = Samples.request([Samples.user("Go")])
            summary.isCompaction = true
            for request in [summary, Samples.request([Samples.user("Go")]), summary] {
                _ = try await model.reply(to: request, onEvent: { _ in })
            }
            #expect(server.received.map { $0.body["reasoning_effort"] != nil } == [true, false, true, false])
        }
        #expect(warnings.withLock { $0.count } == 1)
    }

    @Test("an unknown reason for the end of replies is told once")
    func unknownEnd() async throws {
        let stream = try Fixture.text("Streams/chat-text.sse").replacing(#""stop""#, with: #""eos_token""#)
        let warnings = Mutex<[String]>([])
        let warn: @Sendable (String) -> Void = { text in warnings.withLock { $0.append(text) } }
        let answers = [Answer(stream: [stream]), Answer(stream: [stream])]
        try await MockedModel.run(MockedModel.config(.chat), .chat, answers, warn: warn) { model, _ in
            for _ in 0..<2 { _ = try await model.reply(to: Samples.request([Samples.user("Go")]), onEvent: { _ in }) }
        }
        #expect(warnings.withLock { $0.map { $0.contains("eos_token") } } == [true])
    }

    @Test("what a cancelled stream has counted is billed")
    func cancelledIsBilled() async throws {
        var answer = Answer(stream: [try Fixture.text("Streams/anthropic-cut.sse")])
        answer.hangs = true
        let error = try await MockedModel.run(MockedModel.config(.anthropic), .anthropic, [answer]) { model, _ in
            let (begun, continuation) = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                try await model.reply(to: Samples.request([Samples.user("Go")])) { event in
                    if case .textDelta = event { continuation.yield() }
                    if case .thinkingDelta = event { continuation.yield() }
                }
            }
            var first = begun.makeAsyncIterator()
            await first.next()
            task.cancel()
            return await #expect(throws: ModelError.self) { try await task.value }
        }
        #expect(error?.usage?.input == 1200 && error?.usage?.cacheRead == 4000)
    }

    @Test(
        "a picture that is refused stays out instead of ending the run",
        arguments: [
            (Format.anthropic, "image exceeds 5 MB maximum: 6275800 bytes > 5242880 bytes"),
            (.anthropic, "At least one of the image dimensions exceed max allowed size: 8000 pixels"),
            (.responses, "Invalid image."), (.google, "Unable to process input image."),
        ]
    )
    func refusedPicture(format: Format, message: String) async throws {
        let body = Self.body(format, type: "invalid_request_error", status: "INVALID_ARGUMENT", message)
        let fine = Answer(stream: [try Fixture.text("Streams/\(format)-thinking.sse")])
        let picture = Content.image(ImageContent(mime: "image/png", base64: "iVBORw0KGgo="))
        let history = [Message.user(UserMessage([.text("Look"), picture], timestamp: 1))]
        try await MockedModel.run(MockedModel.config(format), format, [Answer(status: 400, body: body), fine]) {
            model,
            server in
            _ = try await model.reply(to: Samples.request(history), onEvent: { _ in })
            #expect(server.received.map { $0.body.compactText.contains("iVBORw0KGgo=") } == [true, false])
        }
    }
}
