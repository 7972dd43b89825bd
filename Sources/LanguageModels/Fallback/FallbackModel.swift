import Domain
import Synchronization

/// A chain of models that plays the part of one: the first that does not rest is asked.
///
/// When it fails in a way that another may not share, a ``ModelFallback`` says so; the same request, made again, goes to the
/// next one.
final class FallbackModel: LanguageModel {
    private let models: [any LanguageModel]
    private let elapsed: @Sendable () -> Duration
    private let chain: Mutex<FallbackChain>
    /// The last failure of each model, for the error that names them all.
    private let failures = Mutex<[Int: ModelError]>([:])

    init(_ models: [any LanguageModel], clock: any Clock<Duration>) {
        precondition(!models.isEmpty)
        self.models = models
        elapsed = clock.stopwatch()
        chain = Mutex(FallbackChain(count: models.count))
    }

    /// Of the model that would be asked now.
    var info: ModelInfo {
        let now = elapsed()
        return models[chain.withLock { $0.selection(at: now) } ?? 0].info
    }

    func reply(to request: ModelRequest, onEvent: @Sendable (ModelEvent) -> Void) async throws -> AssistantMessage {
        let start = elapsed()
        guard let model = chain.withLock({ $0.selection(at: start) }) else {
            throw exhausted(wait: chain.withLock { $0.wait(at: start) }, after: nil)
        }
        do {
            let reply = try await models[model].reply(to: request, onEvent: onEvent)
            chain.withLock { $0.onSuccess() }
            return reply
        } catch let error as ModelError where !Task.isCancelled {
            // What was cancelled is no failure of its model.
            failures.withLock { $0[model] = error }
            let now = elapsed()
            let name = models[model].info.name
            switch chain.withLock({ $0.onFailure(of: model, error, at: now) }) {
            case .fail: throw error
            case .exhausted(let wait): throw exhausted(wait: wait, after: error)
            case .again(let wait): throw ModelFallback(from: name, to: name, wait: wait, error: error)
            case .next(let next): throw ModelFallback(from: name, to: models[next].info.name, error: error)
            }
        }
    }

    /// Nobody is left for now: to the caller this is a rate limit with a wait, so that it tries the whole chain again
    /// and in the end gives up as for one.
    private func exhausted(wait: Duration, after error: ModelError?) -> ModelError {
        let failures = failures.withLock { $0 }
        let reasons = models.indices.map { index -> String in
            let name = models[index].info.name
            guard let error = failures[index] else { return name }
            return "\(name) (\(error.code.rawValue): \(error.message.cut(toBytes: 300)))"
        }
        let last = models[models.count - 1].info
        return ModelError(
            code: .rateLimit,
            provider: error?.provider ?? last.provider,
            model: error?.model ?? last.id,
            message: "no model of the chain answers: \(reasons.joined(separator: "; "))",
            retryAfter: wait > .zero ? wait : nil,
            usage: error?.usage
        )
    }
}
