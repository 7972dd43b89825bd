import Domain
import Synchronization
import TestSupport
import Testing

@testable import LanguageModels

@Suite("A chain of models", .timeLimit(.minutes(5)))
struct FallbackModelTests {
    /// Answers from a list and remembers what it was asked.
    private final class Fake: LanguageModel {
        enum Answer { case reply(String), failure(ModelError.Code, wait: Duration? = nil) }

        let info: ModelInfo
        private let answers: Mutex<[Answer]>
        private let seen = Mutex<[ModelRequest]>([])

        init(_ id: String, window: Int = 1000, _ answers: [Answer]) {
            info = ModelInfo(provider: .custom, id: id, contextWindow: window, maxOutputTokens: 10)
            self.answers = Mutex(answers)
        }

        var requests: [ModelRequest] { seen.withLock { $0 } }

        func reply(to request: ModelRequest, onEvent: @Sendable (ModelEvent) -> Void) async throws -> AssistantMessage {
            seen.withLock { $0.append(request) }
            let answer = answers.withLock { $0.isEmpty ? .failure(.script) : $0.removeFirst() }
            switch answer {
            case .reply(let text):
                return AssistantMessage(
                    content: [.text(text)],
                    provider: info.provider,
                    model: info.id,
                    usage: TokenUsage(),
                    stop: .stop,
                    timestamp: 0
                )
            case .failure(let code, let wait):
                throw ModelError(
                    code: code,
                    provider: info.provider,
                    model: info.id,
                    message: "\(info.id) fails",
                    retryAfter: wait,
                    usage: TokenUsage(input: 7)
                )
            }
        }
    }

    private let clock = TestClock()

    private func ask(_ model: FallbackModel) async throws -> String {
        try await model.reply(to: Samples.request([Samples.user("Go")]), onEvent: { _ in }).text
    }

    @Test("a failure names the next model with reason and cost; the request made again goes to it")
    func falls() async throws {
        let first = Fake("a", window: 2000, [.failure(.quota)])
        let second = Fake("b", [.reply("from b"), .reply("again b")])
        let model = FallbackModel([first, second], clock: clock)
        #expect(model.info.id == "a")
        let change = try #require(await #expect(throws: ModelFallback.self) { try await ask(model) })
        #expect(change.from == "custom/a" && change.to == "custom/b" && change.error.code == .quota)
        #expect(change.error.usage?.input == 7 && !change.needsAttention && change.wait == .zero)
        #expect(second.requests == [])
        #expect(try await ask(model) == "from b")
        #expect(second.requests == first.requests)
        // The first one rests: the window that counts is the second's, and it is asked at once.
        #expect(model.info.contextWindow == 1000)
        #expect(try await ask(model) == "again b")
        #expect(first.requests.count == 1)
    }

    @Test("a request that was cancelled is no failure of its model")
    func cancelled() async throws {
        let count = FallbackChain.transientFailures + 1
        let first = Fake("a", Array(repeating: .failure(.transient), count: count) + [.reply("from a")])
        let model = FallbackModel([first, Fake("b", [.reply("from b")])], clock: clock)
        for _ in 0..<count {
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await ask(model)
            }
            let error = await #expect(throws: ModelError.self) { try await task.value }
            #expect(error?.usage?.input == 7)
        }
        #expect(try await ask(model) == "from a")
    }

    @Test("after its rest the first model is asked again")
    func recovers() async throws {
        let first = Fake("a", [.failure(.overloaded), .reply("from a")])
        let model = FallbackModel([first, Fake("b", [.reply("from b")])], clock: clock)
        await #expect(throws: ModelFallback.self) { try await ask(model) }
        #expect(try await ask(model) == "from b")
        clock.advance(by: .seconds(60))
        #expect(try await ask(model) == "from a")
    }

    @Test("a short wait is not worth leaving a model for")
    func shortWait() async throws {
        let first = Fake("a", [.failure(.rateLimit, wait: .seconds(4)), .reply("from a")])
        let model = FallbackModel([first, Fake("b", [])], clock: clock)
        let change = await #expect(throws: ModelFallback.self) { try await ask(model) }
        #expect(change?.to == "custom/a" && change?.wait == .seconds(4))
        #expect(try await ask(model) == "from a")
    }

    @Test("when all rest the caller sees a rate limit that names each model and the wait")
    func exhausted() async throws {
        let models = [Fake("a", [.failure(.auth)]), Fake("b", [.failure(.overloaded, wait: .seconds(30))])]
        let model = FallbackModel(models, clock: clock)
        await #expect(throws: ModelFallback.self) { try await ask(model) }
        for expected in [Duration.seconds(30), .seconds(30)] {
            let error = await #expect(throws: ModelError.self) { try await ask(model) }
            #expect(error?.code == .rateLimit && error?.retryAfter == expected)
            #expect(
                error?.message
                    == "no model of the chain answers: custom/a (auth: a fails); custom/b (overloaded: b fails)"
            )
        }
        #expect(models[1].requests.count == 1)
    }

    @Test(
        "what another model would not mend is thrown as it is",
        arguments: [ModelError.Code.overflow, .badRequest, .filtered]
    )
    func passesOn(code: ModelError.Code) async throws {
        let second = Fake("b", [])
        let model = FallbackModel([Fake("a", [.failure(code)]), second], clock: clock)
        let error = await #expect(throws: ModelError.self) { try await ask(model) }
        #expect(error?.code == code && second.requests.isEmpty)
    }
}
