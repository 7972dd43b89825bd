package import LanguageModels
import Synchronization

/// A model that is listened to while it answers, and whose conversation is kept for the next message.
package final class TappedModel: LanguageModel {
    /// What was heard.
    package enum Event: Sendable {
        /// Messages that the model had not seen before.
        case asked([Message])
        case text(String)
        case replied(AssistantMessage)
    }

    private struct Heard {
        var messages: [Message]
        var reply: AssistantMessage?
    }

    private let model: any LanguageModel
    private let heard: Mutex<Heard>
    private let onEvent: @Sendable (Event) -> Void

    /// Listens to a model that goes on from a conversation.
    package init(_ model: any LanguageModel, history: [Message], onEvent: @escaping @Sendable (Event) -> Void) {
        self.model = model
        self.onEvent = onEvent
        heard = Mutex(Heard(messages: history))
    }

    package var info: ModelInfo { model.info }

    /// The conversation as far as it is whole: no call in it lacks its answer.
    package var conversation: [Message] {
        heard.withLock { heard in
            guard let reply = heard.reply, reply.toolCalls.isEmpty else { return heard.messages }
            return heard.messages + [.assistant(reply)]
        }
    }

    package func reply(
        to request: ModelRequest,
        onEvent: @Sendable (ModelEvent) -> Void
    ) async throws -> AssistantMessage {
        guard !request.isCompaction else { return try await model.reply(to: request, onEvent: onEvent) }
        let news = heard.withLock { heard in
            // A compaction makes the conversation shorter; then nothing in it is news.
            let count = heard.messages.count
            heard = Heard(messages: request.messages)
            return request.messages.count > count ? Array(request.messages[count...]) : []
        }
        self.onEvent(.asked(news))
        let reply = try await model.reply(to: request) { event in
            if case .textDelta(_, let text) = event { self.onEvent(.text(text)) }
            onEvent(event)
        }
        heard.withLock { $0.reply = reply }
        self.onEvent(.replied(reply))
        return reply
    }
}
