/// Which model of a chain is asked, and which of them rest: a circuit breaker for each.
///
/// Pure: times are durations since any fixed moment.
struct FallbackChain {
    /// What follows from a failure.
    enum Decision: Hashable {
        /// Ask the same model again after a short wait.
        case again(after: Duration)
        /// Ask this model, at once.
        case next(Int)
        /// Nobody is left; the earliest rest ends after this time.
        case exhausted(wait: Duration)
        /// Another model would not help, or the caller repeats the request.
        case fail
    }

    /// How long a model rests that has not asked for a wait.
    static let rest = Duration.seconds(60)
    /// A wait up to this length is not worth leaving a model for.
    static let shortWait = Duration.seconds(5)
    /// So many transient failures are left to the caller to repeat; the next one counts as an outage.
    static let transientFailures = 6

    private var restsUntil: [Duration]
    private var transients = 0
    /// The model whose last answer was a rate limit.
    private var limited: Int?

    init(count: Int) {
        restsUntil = Array(repeating: .zero, count: count)
    }

    /// The model to ask: the first that does not rest.
    func selection(at now: Duration) -> Int? { restsUntil.firstIndex { $0 <= now } }

    /// How long until the first of them may be asked.
    func wait(at now: Duration) -> Duration { max(.zero, (restsUntil.min() ?? now) - now) }

    /// A model has answered.
    mutating func onSuccess() {
        transients = 0
        limited = nil
    }

    /// A model has failed.
    mutating func onFailure(of model: Int, _ error: ModelError, at now: Duration) -> Decision {
        let wasLimited = limited == model
        limited = error.code == .rateLimit ? model : nil
        let isLast = model == restsUntil.count - 1
        let asked = error.retryAfter ?? .zero
        switch error.code {
        case .rateLimit where !isLast && !wasLimited && asked <= Self.shortWait:
            return .again(after: max(asked, .seconds(1)))
        case .rateLimit, .overloaded:
            // The last one is what remains: it rests no longer than it asks for.
            return leave(model, rest: asked > Self.shortWait ? asked : isLast ? asked : Self.rest, at: now)
        case .transient:
            transients += 1
            // A server that is down for longer is left at once, if there is another.
            let hasOther = restsUntil.indices.contains { $0 != model && restsUntil[$0] <= now }
            guard (asked > Self.shortWait && hasOther) || transients > Self.transientFailures else { return .fail }
            return leave(model, rest: max(asked, Self.rest), at: now)
        case .quota, .auth, .notFound:
            return leave(model, rest: max(asked, Self.rest), at: now)
        case .overflow, .badRequest, .filtered, .script:
            return .fail
        }
    }

    private mutating func leave(_ model: Int, rest: Duration, at now: Duration) -> Decision {
        restsUntil[model] = now + rest
        limited = nil
        // With nothing to wait for, the model would be chosen again at once.
        let next = restsUntil.indices.first { $0 != model && restsUntil[$0] <= now }
        return next.map(Decision.next) ?? .exhausted(wait: wait(at: now))
    }
}
