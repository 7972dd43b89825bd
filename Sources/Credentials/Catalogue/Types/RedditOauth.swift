extension CredentialType {
    static let redditOauth = CredentialType(
        id: "reddit_oauth",
        label: "Reddit OAuth2 Credentials",
        summary: "Posts and comments on Reddit, as a script application",
        help: "https://www.reddit.com/prefs/apps (type \"script\")",
        fields: [
            .plain("client_id", "REDDIT_CLIENT_ID"),
            .secret("client_secret", "REDDIT_CLIENT_SECRET"),
            .plain("username", "REDDIT_USERNAME"),
            .secret("password", "REDDIT_PASSWORD"),
            .plain("user_agent", "REDDIT_USER_AGENT"),
        ],
        context:
            "REDDIT_CLIENT_ID, REDDIT_CLIENT_SECRET, REDDIT_USERNAME, REDDIT_PASSWORD and REDDIT_USER_AGENT are set. Get a token "
            + "with basic authentication (client id, client secret) and the password grant.",
        hosts: ["www.reddit.com", "oauth.reddit.com"],
        check: .reddit
    )
}
