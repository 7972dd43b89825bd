extension CredentialType {
    static let anthropicKey = CredentialType(
        id: "anthropic_key",
        label: "Anthropic API Credential",
        fields: [.secret("token")],
        exposure: .models
    )
}
