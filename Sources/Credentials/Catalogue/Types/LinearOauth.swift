extension CredentialType {
    static let linearOauth = CredentialType(
        id: "linear_oauth",
        label: "Linear OAuth2 Token",
        summary: "Issues in Linear, as an OAuth application",
        help: "https://developers.linear.app/docs/oauth/authentication",
        fields: [
            .plain("client_id", "LINEAR_CLIENT_ID"),
            .secret("client_secret", "LINEAR_CLIENT_SECRET"),
            .secret("access_token", "LINEAR_ACCESS_TOKEN"),
            .secret("refresh_token", "LINEAR_REFRESH_TOKEN", optional: true),
        ],
        context:
            "The Linear API works with OAuth: LINEAR_CLIENT_ID, LINEAR_CLIENT_SECRET, LINEAR_ACCESS_TOKEN and, if configured, "
            + "LINEAR_REFRESH_TOKEN are set.",
        hosts: ["api.linear.app"],
        brokerage: .init(field: "access_token", hosts: ["api.linear.app"]),
        check: .linearOAuth
    )
}
