extension CredentialType {
    static let googleKey = CredentialType(
        id: "google_key",
        label: "Google AI API Credential",
        summary: "Key of Gemini models",
        fields: [.secret("token")],
        exposure: .models,
        check: .google
    )
}
