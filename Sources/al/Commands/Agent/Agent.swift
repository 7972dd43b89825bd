import ArgumentParser

/// `al agent`: the agents of a project.
struct Agent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make, change and list the agents of a project.",
        discussion: """
            Examples:
              al agent new
              al agent config dev
            """,
        subcommands: [AgentNew.self, AgentConfigure.self, AgentList.self]
    )
}
