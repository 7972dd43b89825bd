package import Domain

/// A source whose deliveries nobody signs, and what that means for it.
package struct UnsignedSource: Hashable, Sendable, CustomStringConvertible {
    /// Its name.
    package let name: String
    /// Its provider type.
    package let type: String
    /// Whether requests from outside this machine are refused.
    package let isRefused: Bool

    /// The sources that say `allowUnsigned`, or that have neither a secret of their own nor any stored one to count on.
    ///
    /// - Parameters:
    ///   - sources: all of the project, by name.
    ///   - hasSecrets: whether the store has any secret of a credential type.
    /// - Returns: by name.
    package static func all(
        in sources: [String: WebhookSourceConfig],
        hasSecrets: (String) -> Bool
    ) -> [UnsignedSource] {
        sources.sorted { $0.key < $1.key }.compactMap { name, source in
            guard source.credential == nil, let provider = WebhookRegistry.provider(of: source.type) else { return nil }
            if source.allowUnsigned { return UnsignedSource(name: name, type: source.type, isRefused: false) }
            guard !(provider.secretType.map(hasSecrets) ?? false) else { return nil }
            return UnsignedSource(name: name, type: source.type, isRefused: true)
        }
    }

    /// The sentence for people, with the line that would change it.
    package var description: String {
        guard isRefused else {
            return "[webhooks.\(name)] takes unsigned deliveries from anybody (allowUnsigned = true)"
        }
        let secret = WebhookRegistry.provider(of: type)?.secretType
        let remedy = secret.map { "store a secret (al creds add \($0):<instance>) and set credential, or " } ?? ""
        return "[webhooks.\(name)] has no secret: unsigned deliveries are taken from this machine only; "
            + "from elsewhere they are refused. To change that, \(remedy)add allowUnsigned = true"
    }
}
