extension CredentialType {
    static let linearWebhookSecret = CredentialType(
        id: "linear_webhook_secret",
        label: "Linear Webhook Secret",
        help: "https://developers.linear.app/docs/webhooks",
        fields: [.secret("secret")],
        exposure: .host
    )
}
