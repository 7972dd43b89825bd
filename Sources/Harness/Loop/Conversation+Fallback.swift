import Domain
import LanguageModels
import Synchronization

extension Conversation {
    /// Makes one attempt; what a chain of models did on the way is reported and accounted for.
    mutating func ask(_ request: ModelRequest) async throws -> AssistantMessage {
        let changes = FallbackLog()
        let redact = session.context.redact
        let report = session.onEvent
        defer {
            for change in changes.all {
                emit(.transcript(transcript.model(from: change.from, to: change.to, reason: change.reason)))
                // What the failed request has cost is billed all the same.
                if let spent = change.error.usage { account(spent, model: change.from, isTurn: false) }
            }
        }
        return try await session.model.reply(to: request) { event in
            guard case .fallback(var change) = event else { return }
            change.error.message = redact(change.error.message).0
            changes.add(change)
            report(.modelFallback(change))
        }
    }
}

extension ModelFallback {
    /// Kind and words of the failure.
    package var reason: String { "\(error.code.rawValue): \(error.message)" }
}

/// The changes of model during one request.
private final class FallbackLog: Sendable {
    private let changes = Mutex<[ModelFallback]>([])

    var all: [ModelFallback] { changes.withLock { $0 } }

    func add(_ change: ModelFallback) { changes.withLock { $0.append(change) } }
}
