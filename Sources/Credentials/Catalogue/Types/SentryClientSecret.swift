extension CredentialType {
    static let sentryClientSecret = CredentialType(
        id: "sentry_client_secret",
        label: "Sentry Client Secret",
        summary: "Signs deliveries from Sentry",
        fields: [.secret("secret")],
        exposure: .host
    )
}
