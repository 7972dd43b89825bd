package import Domain
import FoundationEssentials

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

extension ModelConfig {
    /// Host and port that requests to the model go to; `nil` when none are made or the URL cannot be read.
    package var address: (host: String, port: Int)? {
        guard provider != .scripted, let base = baseURL ?? provider.officialBase, let url = URL(string: base),
            let host = url.host(), !host.isEmpty
        else { return nil }
        return (host.lowercased(), url.port ?? (url.scheme == "http" ? 80 : 443))
    }
}
