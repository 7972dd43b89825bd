extension CredentialType {
    static let vultrApiKey = CredentialType(
        id: "vultr_api_key",
        label: "Vultr API Key",
        summary: "Servers at Vultr, for provisioning",
        help: "https://my.vultr.com/settings/#settingsapi",
        fields: [.secret("api_key", "VULTR_API_KEY")],
        context: "VULTR_API_KEY is set, for provisioning with the Vultr API.",
        exposure: .provisioning,
        hosts: ["api.vultr.com"],
        brokerage: .init(field: "api_key", hosts: ["api.vultr.com"]),
        check: .vultr
    )
}
