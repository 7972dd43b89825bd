extension CredentialType {
    static let groqKey = CredentialType(
        id: "groq_key",
        label: "Groq API Credential",
        fields: [.secret("token")],
        exposure: .models
    )
}
