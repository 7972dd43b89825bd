extension CredentialType {
    static let slackSigningSecret = CredentialType(
        id: "slack_signing_secret",
        label: "Slack Signing Secret",
        fields: [.secret("secret")],
        exposure: .host
    )
}
