import Domain
import Foundation
import Synchronization
import TestSupport

@testable import Harness
@testable import LanguageModels

/// A directory that goes with the test.
func withDirectory<R>(_ body: (String) async throws -> R) async throws -> R {
    let made = FileManager.default.temporaryDirectory.appendingPathComponent("al-harness-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: made, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: made) }
    return try await body(made.resolvingSymlinksInPath().path)
}

/// A context whose shell sees the ordinary PATH and nothing else.
func toolContext(
    _ directory: String,
    redact: @escaping Redactor = { ($0, []) },
    acceptsImages: Bool = false
) -> ToolContext {
    ToolContext(
        workingDirectory: directory,
        environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": directory],
        temporaryDirectory: directory,
        acceptsImages: acceptsImages,
        redact: redact,
        makeID: { String((0..<16).map { _ in "0123456789abcdef".randomElement() ?? "0" }) }
    )
}

/// A model that plays replies in order and remembers what it was asked.
final class FakeModel: LanguageModel {
    enum Turn {
        case reply([Content], StopReason, TokenUsage)
        case failure(ModelError)
        /// Waits until it is cancelled.
        case hang
        /// Waits until it is cancelled, and tells then what it cost.
        case cancelled(ModelError)
    }

    private struct State {
        var turns: [Turn]
        var requests: [ModelRequest] = []
    }

    let info: ModelInfo
    private let keepsRequests: Bool
    private let summary: String?
    private let summaryStop: StopReason
    private let state: Mutex<State>

    init(
        _ turns: [Turn],
        id: String = "fake",
        window: Int = 200_000,
        summary: String? = "the summary",
        summaryStop: StopReason = .stop,
        maxOutput: Int = 8000,
        keepsRequests: Bool = true
    ) {
        info = ModelInfo(provider: .scripted, id: id, contextWindow: window, maxOutputTokens: maxOutput)
        self.keepsRequests = keepsRequests
        self.summary = summary
        self.summaryStop = summaryStop
        state = Mutex(State(turns: turns))
    }

    var requests: [ModelRequest] { state.withLock { $0.requests } }

    func reply(to request: ModelRequest, onEvent: @Sendable (ModelEvent) -> Void) async throws -> AssistantMessage {
        let turn: Turn? = state.withLock { state in
            if keepsRequests { state.requests.append(request) }
            if request.isCompaction {
                return summary.map { .reply([.text($0)], summaryStop, TokenUsage(input: 1, output: 1)) }
                    ?? .failure(failure(.badRequest))
            }
            return state.turns.isEmpty ? nil : state.turns.removeFirst()
        }
        switch turn {
        case .reply(let content, let stop, let usage):
            return AssistantMessage(
                content: content,
                provider: info.provider,
                model: info.id,
                usage: usage,
                stop: stop,
                timestamp: 0
            )
        case .failure(let error): throw error
        case .hang:
            try await Task.sleep(for: .seconds(3600))
            throw CancellationError()
        case .cancelled(let error):
            try? await Task.sleep(for: .seconds(3600))
            throw error
        case nil: throw failure(.script, "no reply left")
        }
    }
}

func failure(_ code: ModelError.Code, _ text: String = "no", retryAfter: Duration? = nil) -> ModelError {
    ModelError(code: code, provider: .scripted, model: "fake", message: text, retryAfter: retryAfter)
}

extension FakeModel.Turn {
    static func say(_ text: String, _ stop: StopReason = .stop, usage: TokenUsage = TokenUsage()) -> Self {
        .reply(text.isEmpty ? [] : [.text(text)], stop, usage)
    }

    static func call(_ calls: ToolCall..., stop: StopReason = .toolUse, usage: TokenUsage = TokenUsage()) -> Self {
        .reply(calls.map { .toolCall($0) }, stop, usage)
    }
}

func call(_ name: String, _ arguments: JSONValue = [:], id: String = "c", isComplete: Bool = true) -> ToolCall {
    ToolCall(id: id, name: name, arguments: arguments, isComplete: isComplete)
}

/// A tool made of a closure.
struct FakeTool: Tool {
    var definition: ToolDefinition
    var accesses: @Sendable (JSONValue) -> ToolAccess = { _ in .free }
    var body: @Sendable (JSONValue) async throws -> ToolOutput

    init(
        _ name: String,
        schema: JSONValue = ToolSchema.object([:], required: []),
        accesses: @escaping @Sendable (JSONValue) -> ToolAccess = { _ in .free },
        body: @escaping @Sendable (JSONValue) async throws -> ToolOutput
    ) {
        definition = ToolDefinition(name: name, description: name, schema: schema)
        self.accesses = accesses
        self.body = body
    }

    func access(_ arguments: JSONValue, in context: ToolContext) -> ToolAccess { accesses(arguments) }
    func run(_ arguments: JSONValue, in context: ToolContext) async throws -> ToolOutput { try await body(arguments) }
}

/// Gathers what happens, from any task.
final class Log<Entry: Sendable>: Sendable {
    private let state = Mutex<[Entry]>([])
    var entries: [Entry] { state.withLock { $0 } }
    func add(_ entry: Entry) { state.withLock { $0.append(entry) } }
}

/// A session around a fake model, or a chain of them, with everything it reported.
struct SessionBench {
    let model: FakeModel
    let clock: TestClock
    let events = Log<SessionEvent>()
    let session: Session

    init(
        _ model: FakeModel,
        and others: [FakeModel] = [],
        tools: [any Tool] = [],
        directory: String = "/tmp",
        prompt: String = "do it",
        limits: RunLimits = RunLimits(),
        redact: @escaping Redactor = { ($0, []) },
        timeLeft: @escaping @Sendable () -> Duration? = { nil },
        random: Double = 0,
        stopRequested: @escaping @Sendable () -> Bool = { false }
    ) {
        self.model = model
        clock = TestClock()
        let events = events
        session = Session(
            model: others.isEmpty ? model : FallbackModel([model] + others, clock: clock),
            tools: tools.isEmpty ? .standard : ToolRegistry(tools),
            context: toolContext(directory, redact: redact),
            system: "be good",
            prompt: prompt,
            limits: limits,
            header: Self.header(model, limits),
            clock: clock,
            now: { Date(timeIntervalSince1970: 1) },
            random: { random },
            timeLeft: timeLeft,
            timeLimit: .seconds(1000),
            stopRequested: stopRequested,
            onEvent: { events.add($0) }
        )
    }

    private static func header(_ model: FakeModel, _ limits: RunLimits) -> JSONValue {
        [
            "v": 1, "agent": "tester", "instanceId": "tester-00000001",
            "model": [
                "provider": .string(model.info.provider.rawValue), "model": .string(model.info.id),
                "contextWindow": .int(model.info.contextWindow), "maxTokens": .int(model.info.maxOutputTokens),
            ],
            "limits": .object([
                "maxTurns": .int(limits.maxTurns), "maxTokensPerRun": limits.maxTokensPerRun.map { .int($0) },
                "maxCostPerRun": limits.maxCostPerRun.map(JSONValue.double),
            ]),
        ]
    }

    func run() async -> SessionResult { await session.run() }

    /// What the model was sent last.
    var lastMessages: [Message] { model.requests.last?.messages ?? [] }

    /// Texts and error flags of all tool results in the last request.
    var results: [(text: String, isError: Bool)] {
        lastMessages.compactMap { message in
            guard case .toolResult(let result) = message else { return nil }
            return (ToolOutput(result.content).text, result.isError)
        }
    }

    var userTexts: [String] {
        lastMessages.compactMap { if case .user(let user) = $0 { ToolOutput(user.content).text } else { nil } }
    }
}
