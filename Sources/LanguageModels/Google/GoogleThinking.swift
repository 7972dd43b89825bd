import Domain

/// How a request to a Gemini model asks for thinking.
struct GoogleThinking: Hashable, Sendable {
    /// The `thinkingConfig` of a request; `nil` leaves the provider's default.
    var config: JSONValue?
    /// Thoughts count as output.
    var maxTokens: Int

    /// Works out the members for a level.
    ///
    /// - Parameters:
    ///   - level: `nil` leaves the provider's default.
    ///   - info: the model.
    ///   - limit: output tokens the caller wants at most.
    init(level: ThinkingLevel?, info: ModelInfo, limit: Int?) {
        maxTokens = min(info.maxOutputTokens, 32000, limit ?? .max)
        guard let level, info.canReason else { return }
        var config: JSONValue = ["includeThoughts": .bool(level != .off)]
        if GoogleVersion(info.id) >= GoogleVersion(3) {
            config["thinkingLevel"] = .string(Self.word(for: level, id: info.id))
        } else {
            let wanted = Self.budget(for: level, id: info.id)
            maxTokens = min(maxTokens + wanted, info.maxOutputTokens, limit ?? .max)
            let isTooMuch = maxTokens < wanted + Self.answerTokens
            let usable = isTooMuch ? Self.budget(atMost: maxTokens - Self.answerTokens, id: info.id) : wanted
            config["thinkingBudget"] = .int(usable)
        }
        self.config = config
    }

    /// What a budget leaves for the answer at least.
    private static let answerTokens = 1024

    private static func word(for level: ThinkingLevel, id: String) -> String {
        let isPro = id.contains("pro")
        switch level {
        case .off, .minimal: return isPro ? "LOW" : "MINIMAL"
        case .low: return "LOW"
        case .medium: return isPro && GoogleVersion(id) < GoogleVersion(3, 1) ? "HIGH" : "MEDIUM"
        case .high, .xhigh: return "HIGH"
        }
    }

    private static func budget(for level: ThinkingLevel, id: String) -> Int {
        let isPro = id.contains("pro")
        let budget: Int
        switch level {
        case .off: budget = isPro ? 128 : 0
        case .minimal: budget = 128
        case .low: budget = 2048
        case .medium: budget = 8192
        case .high, .xhigh: budget = isPro ? 32768 : 24576
        }
        // The smallest model thinks not at all or at least this much.
        return id.contains("flash-lite") && budget > 0 ? max(512, budget) : budget
    }

    /// The largest budget that keeps within a limit, or the least that the model takes.
    private static func budget(atMost limit: Int, id: String) -> Int {
        let lowest = budget(for: .minimal, id: id)
        return limit >= lowest ? limit : budget(for: .off, id: id)
    }
}
