extension CredentialType {
    static let sentryToken = CredentialType(
        id: "sentry_token",
        label: "Sentry Auth Token",
        help: "https://sentry.io/settings/auth-tokens/",
        fields: [.secret("token", "SENTRY_AUTH_TOKEN")],
        context: "SENTRY_AUTH_TOKEN is set; use it with curl against the Sentry API."
    )
}
