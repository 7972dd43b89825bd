extension CredentialType {
    static let mintlifyToken = CredentialType(
        id: "mintlify_token",
        label: "Mintlify API Token",
        summary: "Documentation at Mintlify",
        help: "https://mintlify.com/docs/api-reference/authentication",
        fields: [.secret("token", "MINTLIFY_API_TOKEN")],
        context: "MINTLIFY_API_TOKEN is set; use it with the Mintlify API.",
        hosts: ["api.mintlify.com"],
        brokerage: .init(field: "token", hosts: ["api.mintlify.com"])
    )
}
