/// The services and servers that can play the model's part.
package enum ModelProvider: String, CaseIterable, Hashable, Sendable {
    case anthropic, openai, groq, google, xai, mistral, openrouter, custom, scripted

    /// The credential type that holds the provider's key; `nil` where no key exists.
    package var credentialType: String? { self == .scripted ? nil : "\(rawValue)_key" }
}

/// How the key of a provider is presented.
package enum ModelAuthentication: String, CaseIterable, Hashable, Sendable {
    case apiKey = "api_key"
    case oauthToken = "oauth_token"
    case piAuth = "pi_auth"
}

/// How much the model may think before it answers.
///
/// Unset means the provider's own default.
package enum ThinkingLevel: String, CaseIterable, Hashable, Sendable {
    case off, minimal, low, medium, high, xhigh
}

/// The wire formats that `custom` and `openai` models can speak.
package enum ModelWireFormat: String, CaseIterable, Hashable, Sendable {
    case chat, responses, anthropic, google
}

/// Prices in USD per million tokens.
package struct ModelPrice: Hashable, Sendable {
    package var input: Double
    package var output: Double
    package var cacheRead: Double
    package var cacheWrite: Double

    /// Collects four prices.
    package init(input: Double, output: Double, cacheRead: Double = 0, cacheWrite: Double = 0) {
        self.input = input
        self.output = output
        self.cacheRead = cacheRead
        self.cacheWrite = cacheWrite
    }
}

/// A `[model]` table: which model an agent talks to, and how.
package struct ModelConfig: Hashable, Sendable {
    package var provider: ModelProvider
    /// The model's id as the provider wants it; for `scripted` the script's path relative to the agent's directory.
    package var model: String
    package var authentication: ModelAuthentication = .apiKey
    package var thinkingLevel: ThinkingLevel?
    /// Base URL without a trailing `/` or `/chat/completions`; required for `custom`.
    package var baseURL: String?
    package var wireFormat: ModelWireFormat?
    /// Size of the context window in tokens, where it differs from the model table.
    package var contextWindow: Int?
    /// Most output tokens of one reply, where it differs from the model table.
    package var maxTokens: Int?
    package var images: Bool?
    package var reasoning: Bool?
    package var price: ModelPrice?
    /// Further headers of each request; they may hold secrets and are never logged.
    package var headers: [String: String] = [:]
    package var compatibility = ModelCompatibility()

    /// Names a model; everything else has its default.
    package init(provider: ModelProvider, model: String) {
        self.provider = provider
        self.model = model
    }
}

/// Switches for servers that speak Chat Completions with an accent (`custom` only).
///
/// `nil` keeps the default.
package struct ModelCompatibility: Hashable, Sendable {
    package var systemRole: String?
    package var store: Bool?
    package var maxField: String?
    package var thinkingFormat: String?
    package var strictTools: Bool?
    package var replayReasoning: Bool?

    /// All defaults.
    package init() {}
}
