package import Domain

/// The instance under which unsigned deliveries are known.
package let unsignedInstance = "_unsigned"

/// The sources that may take part in a delivery, and how they judge its signature.
package struct SourceSelection: Sendable {
    /// Why a delivery is not taken.
    package enum Refusal: Error, Hashable, Sendable {
        /// No source of this type (and name) exists, or none may take unsigned requests of a type that has no signatures.
        case unknownSource
        /// Signature missing or wrong.
        case badSignature
        /// No secret fits, and one that counts cannot be read at the moment.
        case unreadableSecret
    }

    /// A delivery that may pass.
    package struct Admission: Sendable {
        /// Credential instance whose secret fitted, or ``unsignedInstance``.
        package var instance: String
        /// Names of the sources that hear the delivery, sorted.
        package var hearers: [String]
        /// Reads the payload, as these sources configure it.
        package var provider: any WebhookProvider

        /// Collects the facts.
        package init(instance: String, hearers: [String], provider: any WebhookProvider) {
            self.instance = instance
            self.hearers = hearers
            self.provider = provider
        }
    }

    /// Sources that are judged together.
    struct Group: Sendable {
        let provider: any WebhookProvider
        let sources: [String: WebhookSourceConfig]
    }

    /// One, or one a source where each source has a form of its own, by name.
    private let groups: [Group]

    /// Picks the sources of the provider's type; `nil` when there is none.
    ///
    /// - Parameters:
    ///   - provider: whose deliveries these are.
    ///   - sources: all of the project, by name.
    ///   - name: the only source that takes part, when the path named one.
    package init?(of provider: any WebhookProvider, in sources: [String: WebhookSourceConfig], named name: String?) {
        let own = sources.filter { $0.value.type == provider.type && (name == nil || $0.key == name) }
        guard !own.isEmpty else { return nil }
        groups =
            provider.isConfiguredPerSource
            ? own.sorted { $0.key < $1.key }.map {
                Group(provider: provider.configured(for: $0.value), sources: [$0.key: $0.value])
            }
            : [Group(provider: provider, sources: own)]
    }

    /// The headers that no delivery may be stored with, in lower case.
    ///
    /// They are those of every source and provider, not only of the one that a delivery is for: with a slip in its path or its
    /// token it would be stored with what opens another one.
    package static func privateHeaders(in sources: [String: WebhookSourceConfig]) -> Set<String> {
        var hidden = Set(WebhookRegistry.all.flatMap(\.privateHeaders))
        for source in sources.values {
            hidden.formUnion(WebhookRegistry.provider(of: source.type)?.configured(for: source).privateHeaders ?? [])
        }
        return hidden
    }

    /// The instances of a credential type that sign for a project's sources; `nil` = every stored one may.
    package static func instances(of secretType: String, in sources: [String: WebhookSourceConfig]) -> Set<String>? {
        var instances: Set<String> = []
        for source in sources.values where WebhookRegistry.provider(of: source.type)?.secretType == secretType {
            guard let instance = source.credential else { return nil }
            instances.insert(instance)
        }
        return instances
    }

    /// Judges a delivery.
    ///
    /// - Parameters:
    ///   - request: as it came.
    ///   - stored: the secrets of the provider's secret type, those of ``instances(of:in:)``.
    ///   - isExposed: the request came, or could have come, from outside this machine; asked where no signature fits.
    /// - Returns: who it comes from and who hears it.
    /// - Throws: ``Refusal``.
    package func admit(
        _ request: WebhookRequest,
        stored: StoredSecrets,
        isExposed: @autoclosure () -> Bool
    ) throws(Refusal) -> Admission {
        for group in groups {
            if let admission = group.signed(request, stored: stored.values) { return admission }
        }
        let isExposed = isExposed()
        for group in groups {
            if let admission = group.unsigned(request, isStoreEmpty: stored.isEmpty, isExposed: isExposed) {
                return admission
            }
        }
        guard groups.first?.provider.secretType != nil else { throw .unknownSource }
        throw groups.contains { $0.misses(stored.unreadable, for: request) } ? .unreadableSecret : .badSignature
    }
}

extension SourceSelection.Group {
    func signed(_ request: WebhookRequest, stored: [String: String]) -> SourceSelection.Admission? {
        guard let instance = provider.verify(request, secrets: candidates(of: stored)) else { return nil }
        let hearers = sources.filter { $0.value.credential == nil || $0.value.credential == instance }.keys.sorted()
        return .init(instance: instance, hearers: hearers, provider: provider)
    }

    func unsigned(_ request: WebhookRequest, isStoreEmpty: Bool, isExposed: Bool) -> SourceSelection.Admission? {
        let isBare = provider.isBare(request)
        let hearers = sources.filter { source in
            guard source.value.credential == nil else { return false }
            return isStoreEmpty ? source.value.allowUnsigned || !isExposed : source.value.allowUnsigned && isBare
        }
        guard !hearers.isEmpty else { return nil }
        return .init(instance: unsignedInstance, hearers: hearers.keys.sorted(), provider: provider)
    }

    /// Whether a signature may be that of a secret which counts and cannot be read.
    func misses(_ unreadable: [String: String], for request: WebhookRequest) -> Bool {
        !unreadable.isEmpty && !provider.isBare(request)
            && sources.values.contains { source in source.credential.map { unreadable[$0] != nil } ?? true }
    }

    /// The secrets that count: those the sources name, or all where a source names none.
    private func candidates(of stored: [String: String]) -> [String: String] {
        let named = sources.values.map(\.credential)
        guard !named.contains(nil) else { return stored }
        return stored.filter { named.contains($0.key) }
    }
}
