extension CredentialType {
    static let xaiKey = CredentialType(
        id: "xai_key",
        label: "xAI API Credential",
        summary: "Key of Grok models",
        fields: [.secret("token")],
        exposure: .models,
        check: .modelList("xAI", "https://api.x.ai/v1/models", prefix: "xai-")
    )
}
