extension CredentialType {
    static let bugsnagToken = CredentialType(
        id: "bugsnag_token",
        label: "Bugsnag Auth Token",
        summary: "Errors that Bugsnag has gathered",
        help: "https://app.bugsnag.com/settings/my-account/auth-tokens",
        fields: [.secret("token", "BUGSNAG_AUTH_TOKEN")],
        context: "BUGSNAG_AUTH_TOKEN is set; use it with the Bugsnag API.",
        hosts: ["api.bugsnag.com"],
        brokerage: .init(field: "token", hosts: ["api.bugsnag.com"]),
        check: .bugsnag
    )
}
