extension CredentialType {
    static let gitSsh = CredentialType(
        id: "git_ssh",
        label: "SSH Key & Git Identity",
        fields: [
            .secret("id_rsa", optional: true),
            .plain("username"),
            .plain("email"),
        ],
        context: "SSH access and the git identity are configured; git clone, push and commit work directly."
    )
}
