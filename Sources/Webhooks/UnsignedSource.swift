package import Domain

/// A source whose deliveries nobody signs, and what that means for it.
package struct UnsignedSource: Hashable, Sendable, CustomStringConvertible {
    /// Its name.
    package let name: String
    /// Its provider type.
    package let type: String
    /// Whether requests from outside this machine are refused.
    package let isRefused: Bool
    /// Whether all requests count as coming from outside.
    package let isExposed: Bool

    /// The sources that say `allowUnsigned`, or that have neither a secret of their own nor any stored one to count on.
    ///
    /// - Parameters:
    ///   - sources: all of the project, by name.
    ///   - isExposed: whether the gateway is open to other machines, so that all requests count as coming from outside.
    ///   - hasSecrets: whether the store has any secret of a credential type.
    /// - Returns: by name.
    package static func all(
        in sources: [String: WebhookSourceConfig],
        isExposed: Bool,
        hasSecrets: (String) -> Bool
    ) -> [UnsignedSource] {
        sources.sorted { $0.key < $1.key }.compactMap { name, source in
            guard source.credential == nil, let provider = WebhookRegistry.provider(of: source.type) else { return nil }
            let hasSecret = provider.secretType.map(hasSecrets) ?? false
            guard source.allowUnsigned || !hasSecret else { return nil }
            return UnsignedSource(
                name: name,
                type: source.type,
                isRefused: !source.allowUnsigned,
                isExposed: isExposed
            )
        }
    }

    /// The sentence for people, with the line that would change it.
    package var description: String {
        guard isRefused else {
            return "[webhooks.\(name)] takes unsigned deliveries from anybody (allowUnsigned = true)"
        }
        let secret = WebhookRegistry.provider(of: type)?.secretType
        let remedy = secret.map { "store a secret (al creds add \($0):<instance>) and set credential, or " } ?? ""
        let rule =
            isExposed
            ? "all its deliveries are refused while the gateway is exposed"
            : "unsigned deliveries are taken from this machine only; from elsewhere they are refused"
        return "[webhooks.\(name)] has no secret: \(rule). To change that, \(remedy)add allowUnsigned = true"
    }
}
