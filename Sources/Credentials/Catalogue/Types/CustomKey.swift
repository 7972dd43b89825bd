extension CredentialType {
    static let customKey = CredentialType(
        id: "custom_key",
        label: "Custom LLM Provider API Credential",
        fields: [.secret("token")],
        exposure: .models
    )
}
