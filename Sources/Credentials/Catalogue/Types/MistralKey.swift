extension CredentialType {
    static let mistralKey = CredentialType(
        id: "mistral_key",
        label: "Mistral AI API Credential",
        fields: [.secret("token")],
        exposure: .models
    )
}
