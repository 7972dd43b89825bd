extension CredentialType {
    static let openrouterKey = CredentialType(
        id: "openrouter_key",
        label: "OpenRouter API Credential",
        fields: [.secret("token")],
        exposure: .models
    )
}
