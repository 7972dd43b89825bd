import ArgumentParser

/// `al config`: looks at the configuration.
struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at the merged configuration.",
        discussion: "Example:\n  al config show",
        subcommands: [ConfigShow.self]
    )
}
