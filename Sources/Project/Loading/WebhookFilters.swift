/// Which filters a trigger of each webhook provider may have.
package enum WebhookFilters {
    /// Provider types that a `[webhooks.<name>]` table may name.
    package static let providers = ["github", "sentry", "linear", "mintlify", "test", "slack", "discord", "generic"]

    /// Filters that take one text instead of a list.
    package static let singleValued: Set<String> = ["org", "assignee", "author"]

    private static let githubKeys = [
        "events", "actions", "repos", "org", "orgs", "labels", "labelsAny", "assignee", "author", "branches",
        "conclusions",
    ]

    private static let keys: [String: [String]] = [
        "github": githubKeys,
        "sentry": ["resources"],
        "linear": ["events", "actions", "organizations", "labels", "labelsAny", "assignee", "author"],
        "mintlify": ["events", "actions", "repos", "projects", "branches"],
        "test": ["events", "actions", "repos"],
        "slack": ["events", "channels", "team_ids"],
        "discord": ["events", "guilds", "channels", "commands"],
        "generic": githubKeys,
    ]

    /// Legal filter keys of a provider's triggers, `source` not among them.
    package static func legalKeys(of provider: String) -> [String] { keys[provider] ?? [] }
}
