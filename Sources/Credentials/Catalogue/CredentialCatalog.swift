import Domain

/// All credential types.
package struct CredentialCatalog: Sendable {
    /// In the order in which lists for people show them.
    package let types: [CredentialType]

    /// The types that the program knows.
    ///
    /// One line per type.
    package static let standard = CredentialCatalog(types: [
        .githubToken,
        .gitSsh,
        .anthropicKey,
        .openaiKey,
        .groqKey,
        .googleKey,
        .xaiKey,
        .mistralKey,
        .openrouterKey,
        .customKey,
        .sentryToken,
        .linearToken,
        .linearOauth,
        .bugsnagToken,
        .netlifyToken,
        .mintlifyToken,
        .xTwitterApi,
        .redditOauth,
        .aws,
        .vultrApiKey,
        .hetznerApiKey,
        .cloudflareApiToken,
        .vpsSsh,
        .githubWebhookSecret,
        .sentryClientSecret,
        .linearWebhookSecret,
        .mintlifyWebhookSecret,
        .gatewayApiKey,
        .cloudflareOriginCert,
        .slackSigningSecret,
        .discordBot,
        .genericWebhookSecret,
        .stateDatabase,
    ])

    /// The type with that id.
    package func type(_ id: String) -> CredentialType? { types.first { $0.id == id } }

    /// The type with that id.
    ///
    /// - Throws: ``CredentialError`` (`unknownType`) with the name that was probably meant.
    package func requireType(_ id: String) throws(CredentialError) -> CredentialType {
        if let type = type(id) { return type }
        let listed = types.filter(\.isListed).map(\.id)
        throw .unknownType(id, suggestion: Suggestion.nearest(to: id, among: listed))
    }

    /// The type that holds the signing secret of a webhook provider, and the field; `nil` where nothing is signed.
    package static func webhookSecret(of provider: String) -> (type: String, field: String)? {
        switch provider {
        case "github": ("github_webhook_secret", "secret")
        case "sentry": ("sentry_client_secret", "secret")
        case "linear": ("linear_webhook_secret", "secret")
        case "mintlify": ("mintlify_webhook_secret", "secret")
        case "slack": ("slack_signing_secret", "secret")
        case "discord": ("discord_bot", "public_key")
        case "generic": ("generic_webhook_secret", "secret")
        default: nil
        }
    }
}
