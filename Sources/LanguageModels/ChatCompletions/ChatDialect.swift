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
            systemRole = "developer"
            sendsStore = true
            maxField = "max_completion_tokens"
            thinking = .effort
            sendsStrict = true
        case .groq:
            maxField = "max_completion_tokens"
            thinking = .effort
        case .xai:
            maxField = "max_completion_tokens"
            thinking = config.model.hasPrefix("grok-3-mini") ? .effort : .none
        case .openrouter:
            thinking = .openrouter
        default: break
        }
        let families = ["gpt-oss", "deepseek", "kimi"]
        replaysReasoning = families.contains { config.model.lowercased().contains($0) }
        base = config.baseURL.map(Self.trimmed) ?? config.provider.officialBase
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
        case .groq: return OpenAIEffort.lowMediumHigh(level)
        case .xai: return OpenAIEffort.lowMediumHigh(level) == "low" ? "low" : "high"
        case .openai: return OpenAIEffort.word(for: level, model: model)
        // `openai/gpt-5.2` and the like: what stands before the slash names the vendor.
        case .openrouter where model.hasPrefix("openai/"):
            return OpenAIEffort.word(for: level, model: String(model.dropFirst("openai/".count)))
        case .openrouter:
            switch level {
            case .off: return "none"
            case .xhigh: return "high"
            case .minimal, .low, .medium, .high: return level.rawValue
            }
        default: return OpenAIEffort.lowMediumHigh(level)
        }
    }
}
