extension CredentialType {
    static let hetznerApiKey = CredentialType(
        id: "hetzner_api_key",
        label: "Hetzner API Key",
        summary: "Servers at Hetzner Cloud, for provisioning",
        help: "https://console.hetzner.cloud/projects (Security → API tokens)",
        fields: [.secret("api_key", "HETZNER_API_KEY")],
        context: "HETZNER_API_KEY is set, for provisioning with the Hetzner Cloud API.",
        exposure: .provisioning,
        hosts: ["api.hetzner.cloud"],
        brokerage: .init(field: "api_key", hosts: ["api.hetzner.cloud"]),
        check: .hetzner
    )
}
