extension CredentialType {
    /// The key of Claude models.
    package static let anthropicKey = CredentialType(
        id: "anthropic_key",
        label: "Anthropic API Credential",
        summary: "Key or OAuth token of Claude models",
        fields: [.secret("token")],
        exposure: .models,
        check: .anthropic
    )
}
