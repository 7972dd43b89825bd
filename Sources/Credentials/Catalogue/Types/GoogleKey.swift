extension CredentialType {
    static let googleKey = CredentialType(
        id: "google_key",
        label: "Google AI API Credential",
        fields: [.secret("token")],
        exposure: .models
    )
}
