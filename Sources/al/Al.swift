import ArgumentParser

/// The `al` command and the registry of its subcommands: one file each, one line here.
struct Al: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "al",
        abstract: "Run autonomous agents, triggered by schedules, webhooks, each other or by hand.",
        discussion: """
            First steps, without any account:
              al demo

            A project of your own:
              al new my-project
              cd my-project && al doctor && al start --web-ui
            """,
        version: Version.current,
        subcommands: [
            Demo.self,
            New.self,
            Doctor.self,
            Agent.self,
            Env.self,
            Config.self,
            Creds.self,
            Start.self,
            Run.self,
            Record.self,
            Stat.self,
            Logs.self,
            Chat.self,
            Why.self,
            Next.self,
            Stats.self,
            AuditCommand.self,
            Pause.self,
            Resume.self,
            Kill.self,
            Stop.self,
            Webhook.self,
        ]
    )
}

/// The version of this build.
enum Version {
    /// Also the `VERSION` of image tags and the user agent of requests.
    static let current = "0.1.0"
}
