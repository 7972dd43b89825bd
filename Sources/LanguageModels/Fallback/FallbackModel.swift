import Domain
import Synchronization

/// A chain of models that plays the part of one: the first that does not rest is asked, and when it fails in a way that
/// another may not share, the next one continues the same conversation.
final class FallbackModel: LanguageModel {
    private let models: [any LanguageModel]
    private let clock: any Clock<Duration>
    private let elapsed: @Sendable () -> Duration
    private let chain: Mutex<FallbackChain>
    /// The last failure of each model, for the error that names them all.
    private let failures = Mutex<[Int: ModelError]>([:])

    init(_ models: [any LanguageModel], clock: any Clock<Duration>) {
        precondition(!models.isEmpty)
        self.models = models
        self.clock = clock
        elapsed = Self.stopwatch(clock)
        chain = Mutex(FallbackChain(count: models.count))
    }

    private static func stopwatch<C: Clock>(_ clock: C) -> @Sendable () -> Duration where C.Duration == Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }

    /// Of the model that would be asked now.
    var info: ModelInfo {
        let now = elapsed()
        return models[chain.withLock { $0.selection(at: now) } ?? 0].info
    }

    func reply(to request: ModelRequest, onEvent: @Sendable (ModelEvent) -> Void) async throws -> AssistantMessage {
        let start = elapsed()
        guard var model = chain.withLock({ $0.selection(at: start) }) else {
            throw exhausted(wait: chain.withLock { $0.wait(at: start) }, usage: nil)
        }
        while true {
            do {
                let reply = try await models[model].reply(to: request, onEvent: onEvent)
                chain.withLock { $0.onSuccess() }
                return reply
            } catch let error as ModelError {
                failures.withLock { $0[model] = error }
                let now = elapsed()
                switch chain.withLock({ $0.onFailure(of: model, error, at: now) }) {
                case .fail: throw error
                case .exhausted(let wait): throw exhausted(wait: wait, usage: error.usage)
                case .again(let wait): try await clock.sleep(for: wait)
                case .next(let next):
                    onEvent(
                        .fallback(
                            ModelFallback(from: models[model].info.name, to: models[next].info.name, error: error)
                        )
                    )
                    model = next
                }
            }
        }
    }

    /// Nobody is left for now: to the caller this is a rate limit with a wait, so that it tries the whole chain again
    /// and in the end gives up as for one.
    private func exhausted(wait: Duration, usage: TokenUsage?) -> ModelError {
        let failures = failures.withLock { $0 }
        let reasons = models.indices.map { index -> String in
            let name = models[index].info.name
            guard let error = failures[index] else { return name }
            return "\(name) (\(error.code.rawValue): \(error.message.prefix(bytes: 300)))"
        }
        let info = models[models.count - 1].info
        return ModelError(
            code: .rateLimit,
            provider: info.provider,
            model: info.id,
            message: "no model of the chain answers: \(reasons.joined(separator: "; "))",
            retryAfter: wait > .zero ? wait : nil,
            usage: usage
        )
    }
}
