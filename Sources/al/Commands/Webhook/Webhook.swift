import ArgumentParser

/// `al webhook`: deliveries of webhooks, past, tried and made up.
struct Webhook: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, show, repeat, try and send webhook deliveries.",
        discussion: """
            Example:
              al webhook send my-github issues.opened --set issue.number=7
              al webhook list --source my-github
            """,
        subcommands: [
            WebhookList.self,
            WebhookShow.self,
            WebhookReplay.self,
            WebhookTest.self,
            WebhookSend.self,
        ]
    )
}
