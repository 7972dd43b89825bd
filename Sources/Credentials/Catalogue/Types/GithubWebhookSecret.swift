extension CredentialType {
    static let githubWebhookSecret = CredentialType(
        id: "github_webhook_secret",
        label: "GitHub Webhook Secret",
        summary: "Signs deliveries from GitHub",
        help: "https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries (choose any "
            + "random string; enter it here and in the settings of the webhook)",
        fields: [.secret("secret")],
        exposure: .host
    )
}
