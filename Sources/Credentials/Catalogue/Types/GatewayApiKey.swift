extension CredentialType {
    /// The key of operators.
    package static let gatewayApiKey = CredentialType(
        id: "gateway_api_key",
        label: "Gateway API Key",
        summary: "Opens the dashboard and the control API of this user's schedulers",
        fields: [.secret("key")],
        exposure: .host,
        // One made by al has 43; a shorter one of a person's own could be guessed by trying.
        check: .length(of: "key", atLeast: 32)
    )
}
