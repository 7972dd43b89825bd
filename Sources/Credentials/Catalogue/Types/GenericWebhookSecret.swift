extension CredentialType {
    static let genericWebhookSecret = CredentialType(
        id: "generic_webhook_secret",
        label: "Webhook Secret",
        fields: [.secret("secret")],
        exposure: .host
    )
}
