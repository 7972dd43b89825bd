package import Domain

extension ModelTable {
    /// Ids of a provider's known models, newest first, for people to choose from; none for `custom` and `scripted`.
    package static func choices(of provider: ModelProvider) -> [String] {
        rows.filter { $0.provider == provider }.map { $0.ids[0] }
    }

    /// What is proposed to somebody who has no wish; `nil` where only the person can know.
    package static func proposal(for provider: ModelProvider) -> String? {
        switch provider {
        case .anthropic: "claude-sonnet-4-20250514"
        case .openai: "gpt-4o"
        case .groq: "llama-3.3-70b-versatile"
        case .google: "gemini-2.0-flash-exp"
        case .xai: "grok-beta"
        case .mistral: "mistral-large-2411"
        case .openrouter: "anthropic/claude-3.5-sonnet"
        case .scripted: "script.yaml"
        case .custom: nil
        }
    }
}
