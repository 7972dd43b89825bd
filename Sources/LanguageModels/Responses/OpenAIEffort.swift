import Domain

/// The words by which OpenAI's models are told how much to think.
enum OpenAIEffort {
    /// The effort for a level; which words a model knows depends on its version.
    static func word(for level: ThinkingLevel, model: String) -> String {
        guard let version = version(of: model) else { return lowMediumHigh(level) }
        // These never stop thinking.
        let isCodex = model.contains("codex")
        switch level {
        case .off where isCodex, .minimal where isCodex: return "low"
        case .off: return version >= 1 ? "none" : "minimal"
        case .minimal: return version >= 1 ? "low" : "minimal"
        case .xhigh: return version >= 2 ? "xhigh" : "high"
        case .low, .medium, .high: return level.rawValue
        }
    }

    /// The words that every reasoning model knows.
    static func lowMediumHigh(_ level: ThinkingLevel) -> String {
        switch level {
        case .off, .minimal, .low: "low"
        case .medium: "medium"
        case .high, .xhigh: "high"
        }
    }

    /// The number behind `gpt-5.`, 0 for `gpt-5` itself, `nil` for other families.
    private static func version(of model: String) -> Int? {
        guard model.hasPrefix("gpt-5") else { return nil }
        return Int(model.dropFirst("gpt-5.".count).prefix { $0.isNumber }) ?? 0
    }
}
