import Domain

/// How a server that speaks Chat Completions differs from the others.
struct ChatDialect: Hashable, Sendable {
    /// Where the thinking level goes.
    enum Thinking: String, Hashable, Sendable {
        case none, effort, openrouter, qwen, template
    }

    var base: String?
    /// Role of the system text for models that reason.
    var systemRole = "system"
    /// `store: false` is sent.
    var sendsStore = false
    var maxField = "max_tokens"
    var thinking = Thinking.none
    /// `strict: false` is sent with each tool.
    var sendsStrict = false
    /// Reasoning goes back under the name it came with.
    var replaysReasoning = false

    /// The dialect of a provider, with the switches of the configuration.
    init(_ config: ModelConfig) {
        switch config.provider {
        case .openai:
            base = "https://api.openai.com/v1"
            systemRole = "developer"
            sendsStore = true
            maxField = "max_completion_tokens"
            thinking = .effort
            sendsStrict = true
        case .groq:
            base = "https://api.groq.com/openai/v1"
            maxField = "max_completion_tokens"
            thinking = .effort
        case .xai:
            base = "https://api.x.ai/v1"
            maxField = "max_completion_tokens"
            thinking = config.model.hasPrefix("grok-3-mini") ? .effort : .none
        case .openrouter:
            base = "https://openrouter.ai/api/v1"
            thinking = .openrouter
        default: break
        }
        base = config.baseURL.map(Self.trimmed) ?? base
        let switches = config.compatibility
        systemRole = switches.systemRole ?? systemRole
        sendsStore = switches.store ?? sendsStore
        maxField = switches.maxField ?? maxField
        thinking = switches.thinkingFormat.flatMap(Thinking.init(rawValue:)) ?? thinking
        sendsStrict = switches.strictTools ?? sendsStrict
        replaysReasoning = switches.replayReasoning ?? replaysReasoning
    }

    /// The URL without what people copy along with it.
    static func trimmed(_ url: String) -> String {
        var url = url
        for suffix in ["/", "/chat/completions", "/"] where url.hasSuffix(suffix) { url.removeLast(suffix.count) }
        return url
    }

    /// The value of `reasoning_effort` for a level.
    static func effort(_ level: ThinkingLevel, config: ModelConfig) -> String {
        let model = config.model
        switch config.provider {
        case .groq where model.contains("qwen3"): return level == .off ? "none" : "default"
        case .groq: return lowMediumHigh(level)
        case .xai: return lowMediumHigh(level) == "low" ? "low" : "high"
        case .openai: return openAIEffort(level, model: model)
        case .openrouter:
            switch level {
            case .off: return "none"
            case .minimal: return "minimal"
            case .xhigh: return "high"
            default: return level.rawValue
            }
        default: return lowMediumHigh(level)
        }
    }

    private static func lowMediumHigh(_ level: ThinkingLevel) -> String {
        switch level {
        case .off, .minimal, .low: "low"
        case .medium: "medium"
        case .high, .xhigh: "high"
        }
    }

    private static func openAIEffort(_ level: ThinkingLevel, model: String) -> String {
        guard model.hasPrefix("gpt-5") else { return lowMediumHigh(level) }
        let minor = Int(model.dropFirst("gpt-5.".count).prefix { $0.isNumber }) ?? 0
        let hasMinor = model.hasPrefix("gpt-5.")
        switch level {
        case .off: return hasMinor && minor >= 1 ? "none" : "minimal"
        case .minimal: return hasMinor && minor >= 1 ? "low" : "minimal"
        case .xhigh: return hasMinor && minor >= 2 ? "xhigh" : "high"
        default: return level.rawValue
        }
    }
}
