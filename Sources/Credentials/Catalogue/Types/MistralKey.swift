extension CredentialType {
    static let mistralKey = CredentialType(
        id: "mistral_key",
        label: "Mistral AI API Credential",
        summary: "Key of models at Mistral",
        fields: [.secret("token")],
        exposure: .models,
        check: .modelList("Mistral", "https://api.mistral.ai/v1/models")
    )
}
