extension CredentialType {
    /// A token of Sentry.
    package static let sentryToken = CredentialType(
        id: "sentry_token",
        label: "Sentry Auth Token",
        summary: "Issues and events in Sentry",
        help: "https://sentry.io/settings/auth-tokens/",
        fields: [.secret("token", "SENTRY_AUTH_TOKEN")],
        context: "SENTRY_AUTH_TOKEN is set; use it with curl against the Sentry API.",
        hosts: ["sentry.io", "*.sentry.io"],
        brokerage: .init(field: "token", hosts: ["sentry.io", "*.sentry.io"]),
        check: .sentry
    )
}
