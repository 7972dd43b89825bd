extension CredentialType {
    static let vpsSsh = CredentialType(
        id: "vps_ssh",
        label: "VPS SSH Key",
        fields: [
            .secret("private_key"),
            .plain("public_key"),
        ],
        exposure: .host
    )
}
