extension CredentialType {
    static let cloudflareApiToken = CredentialType(
        id: "cloudflare_api_token",
        label: "Cloudflare API Token",
        summary: "DNS and certificates, for provisioning",
        help: "https://dash.cloudflare.com/profile/api-tokens (Zone DNS Edit, Zone SSL Edit)",
        fields: [.secret("api_token", "CLOUDFLARE_API_TOKEN")],
        context: "CLOUDFLARE_API_TOKEN is set, for provisioning with the Cloudflare API.",
        exposure: .provisioning,
        hosts: ["api.cloudflare.com"],
        brokerage: .init(field: "api_token", hosts: ["api.cloudflare.com"]),
        check: .cloudflare
    )
}
