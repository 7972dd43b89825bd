import Domain
import Foundation
import Synchronization

@testable import LanguageModels

/// What the tests of this target share.
enum Samples {
    static let bash = ToolDefinition(
        name: "bash",
        description: "Runs a command.",
        schema: ["type": "object", "properties": ["command": ["type": "string"]], "required": ["command"]]
    )
    static let read = ToolDefinition(
        name: "read",
        description: "Reads a file.",
        schema: ["type": "object", "properties": ["path": ["type": "string"]], "required": ["path"]]
    )

    static func request(_ messages: [Message], system: String = "Be brief.") -> ModelRequest {
        ModelRequest(system: system, messages: messages, tools: [bash, read])
    }

    static func user(_ text: String) -> Message { .user(UserMessage([.text(text)], timestamp: 1)) }

    static func result(_ id: String, _ text: String, tool: String = "bash", isError: Bool = false) -> Message {
        .toolResult(
            ToolResultMessage(callID: id, toolName: tool, content: [.text(text)], isError: isError, timestamp: 2)
        )
    }

    static func assistant(
        _ content: [Content],
        provider: ModelProvider,
        model: String,
        stop: StopReason = .stop
    ) -> Message {
        .assistant(
            AssistantMessage(
                content: content,
                provider: provider,
                model: model,
                usage: TokenUsage(),
                stop: stop,
                timestamp: 1
            )
        )
    }

    static func info(_ provider: ModelProvider, _ id: String, images: Bool = true, reasons: Bool = false) -> ModelInfo {
        ModelInfo(
            provider: provider,
            id: id,
            contextWindow: 100_000,
            maxOutputTokens: 8192,
            acceptsImages: images,
            canReason: reasons,
            price: ModelPrice(input: 1, output: 2)
        )
    }

    static func facts(
        _ trigger: Trigger = .manual(prompt: nil),
        params: JSONValue = [:],
        path: String? = nil
    ) -> ScriptFacts {
        let paths = path.map { ["s.yaml": $0] } ?? [:]
        return ScriptFacts(agent: "dev", trigger: trigger, params: params, date: "2026-03-04", scriptPaths: paths)
    }
}

/// Collects events.
final class EventLog: Sendable {
    private let events = Mutex<[ModelEvent]>([])

    func add(_ event: ModelEvent) { events.withLock { $0.append(event) } }
    var all: [ModelEvent] { events.withLock { $0 } }
}

/// A clock that jumps over every sleep and remembers it.
final class JumpingClock: Clock {
    typealias Instant = ContinuousClock.Instant

    private let state = Mutex<(now: Instant, sleeps: [Duration])>((ContinuousClock().now, []))

    var now: Instant { state.withLock { $0.now } }
    var minimumResolution: Duration { .nanoseconds(1) }
    var sleeps: [Duration] { state.withLock { $0.sleeps } }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        state.withLock { state in
            state.sleeps.append(state.now.duration(to: deadline))
            state.now = deadline
        }
    }
}
