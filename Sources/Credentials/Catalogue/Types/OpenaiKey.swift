extension CredentialType {
    static let openaiKey = CredentialType(
        id: "openai_key",
        label: "OpenAI API Credential",
        fields: [.secret("token")],
        exposure: .models
    )
}
