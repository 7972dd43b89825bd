extension CredentialType {
    static let xTwitterApi = CredentialType(
        id: "x_twitter_api",
        label: "X (Twitter) API Credentials",
        summary: "Posts and accounts on X",
        help: "https://developer.x.com/en/portal/dashboard",
        fields: [
            .secret("api_key", "X_API_KEY"),
            .secret("api_secret", "X_API_SECRET"),
            .secret("bearer_token", "X_BEARER_TOKEN"),
            .secret("access_token", "X_ACCESS_TOKEN", optional: true),
            .secret("access_token_secret", "X_ACCESS_TOKEN_SECRET", optional: true),
        ],
        context:
            "The X API v2 works with X_API_KEY, X_API_SECRET, X_BEARER_TOKEN and, if configured, X_ACCESS_TOKEN and "
            + "X_ACCESS_TOKEN_SECRET.",
        hosts: ["api.x.com"],
        brokerage: .init(field: "bearer_token", hosts: ["api.x.com"]),
        check: .x
    )
}
