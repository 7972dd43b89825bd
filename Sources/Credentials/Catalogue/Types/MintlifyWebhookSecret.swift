extension CredentialType {
    static let mintlifyWebhookSecret = CredentialType(
        id: "mintlify_webhook_secret",
        label: "Mintlify Webhook Secret",
        summary: "Signs deliveries from Mintlify",
        help: "https://mintlify.com/docs/api-reference/webhooks",
        fields: [.secret("secret")],
        exposure: .host
    )
}
