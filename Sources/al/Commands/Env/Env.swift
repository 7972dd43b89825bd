import ArgumentParser

/// `al env`: named targets with their own settings.
struct Env: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make, list, show and choose environments.",
        discussion: """
            An environment is a file of settings on top of the project's, kept outside of it. It is chosen by --env, else AL_ENV,
            else what `al env set` wrote.
            Example:
              al env init prod --type server
              al env set prod
            """,
        subcommands: [EnvInit.self, EnvList.self, EnvShow.self, EnvSet.self]
    )
}
