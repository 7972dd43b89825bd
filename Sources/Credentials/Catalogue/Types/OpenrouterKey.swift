extension CredentialType {
    static let openrouterKey = CredentialType(
        id: "openrouter_key",
        label: "OpenRouter API Credential",
        summary: "Key of models at OpenRouter",
        fields: [.secret("token")],
        exposure: .models,
        // The list of models is open to everyone there; this route is not.
        check: .modelList("OpenRouter", "https://openrouter.ai/api/v1/key", prefix: "sk-or-")
    )
}
