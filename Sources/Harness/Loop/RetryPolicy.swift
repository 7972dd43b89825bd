import LanguageModels

/// Decides whether and when a failed request is repeated.
///
/// One policy serves one request; success needs a new one.
struct RetryPolicy {
    enum Decision: Hashable {
        case wait(Duration, attempt: Int)
        /// Spent, or a wait too long: the provider has no capacity for us.
        case giveUpOnRate
        case fail
    }

    static let slowAttempts = 5
    static let fastAttempts = 6
    private static let longestWait = Duration.seconds(600)
    private static let margin = Duration.seconds(60)

    private var slow = 0
    private var fast = 0

    /// Looks at a failure.
    ///
    /// - Parameters:
    ///   - error: the failure.
    ///   - random: at least 0, less than 1.
    ///   - timeLeft: of the run.
    /// - Returns: what to do.
    mutating func onFailure(_ error: ModelError, random: Double, timeLeft: Duration?) -> Decision {
        let asked = error.retryAfter ?? .zero
        let isTooLong = asked > Self.longestWait || timeLeft.map { asked > .zero && asked > $0 - Self.margin } ?? false
        switch error.code {
        case .rateLimit, .overloaded:
            guard slow < Self.slowAttempts, !isTooLong else { return .giveUpOnRate }
            let base = min(30 << slow, 300)
            slow += 1
            return .wait(max(.seconds(base) * (1 + 0.1 * random), asked), attempt: slow)
        case .transient:
            guard fast < Self.fastAttempts, !isTooLong else { return .fail }
            let base = Duration.seconds(1 << fast)
            fast += 1
            return .wait(max(base * (0.75 + 0.5 * random), asked), attempt: fast)
        case .quota, .overflow, .auth, .notFound, .badRequest, .filtered, .script: return .fail
        }
    }
}
