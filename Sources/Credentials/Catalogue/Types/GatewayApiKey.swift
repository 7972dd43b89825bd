extension CredentialType {
    static let gatewayApiKey = CredentialType(
        id: "gateway_api_key",
        label: "Gateway API Key",
        fields: [.secret("key")],
        exposure: .host
    )
}
