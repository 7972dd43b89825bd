extension CredentialType {
    static let netlifyToken = CredentialType(
        id: "netlify_token",
        label: "Netlify Personal Access Token",
        summary: "Sites and deployments at Netlify",
        help: "https://app.netlify.com/user/applications#personal-access-tokens",
        fields: [.secret("token", "NETLIFY_AUTH_TOKEN")],
        context: "NETLIFY_AUTH_TOKEN is set; use it with the Netlify API.",
        hosts: ["api.netlify.com"],
        brokerage: .init(field: "token", hosts: ["api.netlify.com"]),
        check: .netlify
    )
}
