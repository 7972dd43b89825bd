extension CredentialType {
    static let slackSigningSecret = CredentialType(
        id: "slack_signing_secret",
        label: "Slack Signing Secret",
        summary: "Signs deliveries from Slack",
        fields: [.secret("secret")],
        exposure: .host
    )
}
