extension CredentialType {
    static let sentryClientSecret = CredentialType(
        id: "sentry_client_secret",
        label: "Sentry Client Secret",
        fields: [.secret("secret")],
        exposure: .host
    )
}
