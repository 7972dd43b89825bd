extension CredentialType {
    static let linearWebhookSecret = CredentialType(
        id: "linear_webhook_secret",
        label: "Linear Webhook Secret",
        summary: "Signs deliveries from Linear",
        help: "https://developers.linear.app/docs/webhooks",
        fields: [.secret("secret")],
        exposure: .host,
        check: .length(of: "secret", atLeast: 8)
    )
}
