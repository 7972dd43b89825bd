import ArgumentParser

/// `al creds`: the credential store.
struct Creds: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, add, replace and remove stored credentials.",
        discussion: """
            Credentials are stored under ~/.action-llama/credentials, one file per value, readable for you only.

            Examples:
              al creds add github_token
              al creds ls
            """,
        subcommands: [CredsList.self, CredsAdd.self, CredsRemove.self, CredsRotate.self, CredsTypes.self]
    )
}
