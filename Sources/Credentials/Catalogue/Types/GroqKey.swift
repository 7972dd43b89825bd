extension CredentialType {
    static let groqKey = CredentialType(
        id: "groq_key",
        label: "Groq API Credential",
        summary: "Key of models at Groq",
        fields: [.secret("token")],
        exposure: .models,
        check: .modelList("Groq", "https://api.groq.com/openai/v1/models", prefix: "gsk_")
    )
}
