import Domain

/// How a request to a Gemini model asks for thinking.
enum GoogleThinking {
    /// The `thinkingConfig` of a request; `nil` leaves the provider's default.
    static func config(level: ThinkingLevel?, info: ModelInfo) -> JSONValue? {
        guard let level, info.canReason else { return nil }
        var config: JSONValue = ["includeThoughts": .bool(level != .off)]
        if GoogleVersion(info.id) >= GoogleVersion(3) {
            config["thinkingLevel"] = .string(word(for: level, id: info.id))
        } else {
            config["thinkingBudget"] = .int(budget(for: level, id: info.id))
        }
        return config
    }

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
}
