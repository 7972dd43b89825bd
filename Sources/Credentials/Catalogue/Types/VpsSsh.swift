extension CredentialType {
    /// The key pair for servers.
    package static let vpsSsh = CredentialType(
        id: "vps_ssh",
        label: "VPS SSH Key",
        summary: "Key pair for servers that al provisions",
        fields: [
            .secret("private_key"),
            .plain("public_key"),
        ],
        exposure: .host,
        check: .sshKey(field: "private_key")
    )
}
