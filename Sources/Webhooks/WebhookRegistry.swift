import Domain

/// The providers this program knows, one line each.
package enum WebhookRegistry {
    /// All of them.
    package static let all: [any WebhookProvider] = [
        GitHubProvider(),
        SentryProvider(),
        LinearProvider(),
        MintlifyProvider(),
        TestProvider(),
        SlackProvider(),
        DiscordProvider(),
        GenericProvider(),
    ]

    /// The provider of a type; `nil` when there is none.
    package static func provider(of type: String) -> (any WebhookProvider)? { all.first { $0.type == type } }

    /// The filters of a type's triggers; none when there is no such type.
    package static func filters(of type: String) -> [FilterDefinition] { provider(of: type)?.filters ?? [] }

    /// Every key that a context may have, whatever the provider; `receiptId` is added when a delivery is stored.
    package static let contextKeys =
        ["source"] + GenericWebhookFormat.mappableKeys + ["changed", "isPullRequest", "receiptId"]

    /// All types, in the order of the registry.
    package static var types: [String] { all.map(\.type) }
}
