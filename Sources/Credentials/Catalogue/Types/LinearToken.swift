extension CredentialType {
    static let linearToken = CredentialType(
        id: "linear_token",
        label: "Linear Personal API Token",
        summary: "Issues in Linear, as a person",
        help: "https://linear.app/settings/api",
        fields: [.secret("token", "LINEAR_API_TOKEN")],
        context: "LINEAR_API_TOKEN is set; use it with the Linear API by HTTP.",
        hosts: ["api.linear.app"],
        brokerage: .init(field: "token", hosts: ["api.linear.app"]),
        check: .linear
    )
}
