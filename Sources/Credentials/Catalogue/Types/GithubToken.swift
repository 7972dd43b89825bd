extension CredentialType {
    static let githubToken = CredentialType(
        id: "github_token",
        label: "GitHub Personal Access Token",
        summary: "Repositories, issues, pull requests and workflows on GitHub",
        help: "https://github.com/settings/tokens (scopes repo, workflow)",
        fields: [.secret("token", "GITHUB_TOKEN", "GH_TOKEN")],
        context: "GITHUB_TOKEN and GH_TOKEN are set; gh and git work as they are.",
        hosts: [
            "api.github.com", "github.com", "uploads.github.com", "codeload.github.com", "*.githubusercontent.com",
        ],
        brokerage: .init(field: "token", hosts: ["api.github.com", "github.com", "uploads.github.com"]),
        check: .github
    )
}
