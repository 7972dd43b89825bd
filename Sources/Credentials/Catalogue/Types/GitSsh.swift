extension CredentialType {
    /// The author of commits, and a key for git over SSH.
    package static let gitSsh = CredentialType(
        id: "git_ssh",
        label: "SSH Key & Git Identity",
        summary: "Key for git over SSH, and the author of commits",
        fields: [
            .secret("id_rsa", optional: true),
            .plain("username"),
            .plain("email"),
        ],
        context: "SSH access and the git identity are configured; git clone, push and commit work directly.",
        contextWithoutSecret: "The git identity is configured. There is no SSH key: clone and push over HTTPS.",
        hosts: ["github.com:22", "ssh.github.com:443"],
        check: .sshKey(field: "id_rsa")
    )
}
