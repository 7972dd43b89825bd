/// The providers this program knows, one line each.
package enum WebhookRegistry {
    private static let all: [any WebhookProvider] = [
        GitHubProvider(),
        TestProvider(),
    ]

    /// The provider of a type; `nil` when there is none.
    package static func provider(of type: String) -> (any WebhookProvider)? { all.first { $0.type == type } }

    /// All types, in the order of the registry.
    package static var types: [String] { all.map(\.type) }
}
