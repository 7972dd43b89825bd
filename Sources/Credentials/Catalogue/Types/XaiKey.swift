extension CredentialType {
    static let xaiKey = CredentialType(
        id: "xai_key",
        label: "xAI API Credential",
        fields: [.secret("token")],
        exposure: .models
    )
}
