extension CredentialType {
    static let customKey = CredentialType(
        id: "custom_key",
        label: "Custom LLM Provider API Credential",
        summary: "Key of any other server of language models",
        fields: [.secret("token")],
        exposure: .models
    )
}
