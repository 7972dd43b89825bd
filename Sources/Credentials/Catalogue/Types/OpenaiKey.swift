extension CredentialType {
    static let openaiKey = CredentialType(
        id: "openai_key",
        label: "OpenAI API Credential",
        summary: "Key of GPT models",
        fields: [.secret("token")],
        exposure: .models,
        check: .modelList("OpenAI", "https://api.openai.com/v1/models", prefix: "sk-")
    )
}
