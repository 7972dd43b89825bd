extension CredentialType {
    static let genericWebhookSecret = CredentialType(
        id: "generic_webhook_secret",
        label: "Webhook Secret",
        summary: "Signs deliveries of sources of type generic",
        fields: [.secret("secret")],
        exposure: .host,
        // Secrets of Standard Webhooks.
        check: .base64(of: "secret", after: "whsec_")
    )
}
