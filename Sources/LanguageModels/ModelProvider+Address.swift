import Domain

extension ModelProvider {
    /// Where the provider's own service is; `nil` where the configuration must say it, or nothing is called.
    var officialBase: String? {
        switch self {
        case .anthropic: "https://api.anthropic.com"
        case .google: "https://generativelanguage.googleapis.com/v1beta"
        case .groq: "https://api.groq.com/openai/v1"
        case .mistral: "https://api.mistral.ai"
        case .openai: "https://api.openai.com/v1"
        case .openrouter: "https://openrouter.ai/api/v1"
        case .xai: "https://api.x.ai/v1"
        case .custom, .scripted: nil
        }
    }
}
