import Domain
import Foundation
import Harness
import LanguageModels
import Synchronization

@testable import al

/// Models and sessions of chats.
enum ChatSamples {
    /// Says one text after the other; a text `!tool` calls a tool that does not exist.
    final class Speaker: LanguageModel {
        let info = ModelInfo(provider: .scripted, id: "speaker", contextWindow: 100_000, maxOutputTokens: 1000)
        private let texts: Mutex<[String]>

        init(_ texts: [String]) { self.texts = Mutex(texts) }

        func reply(to request: ModelRequest, onEvent: @Sendable (ModelEvent) -> Void) async throws -> AssistantMessage {
            let text = texts.withLock { $0.isEmpty ? "" : $0.removeFirst() }
            let isCall = text == "!tool"
            if !isCall { onEvent(.textDelta(0, text)) }
            return AssistantMessage(
                content: [isCall ? .toolCall(ToolCall(id: "1", name: "nothing", arguments: [:])) : .text(text)],
                provider: .scripted,
                model: "speaker",
                usage: TokenUsage(input: 10, output: 1, turns: 1),
                stop: isCall ? .toolUse : .stop,
                timestamp: 0
            )
        }
    }

    static func model(replies: [String]) -> any LanguageModel { Speaker(replies) }

    static func session(model: any LanguageModel, prompt: String = "hi", history: [Message] = []) -> Session {
        Session(
            model: model,
            context: ToolContext(workingDirectory: "/", environment: [:], makeID: { "0" }),
            system: "s",
            prompt: prompt,
            clock: ContinuousClock(),
            now: { Date(timeIntervalSince1970: 0) },
            random: { 0 },
            history: history,
            onEvent: { _ in }
        )
    }
}
