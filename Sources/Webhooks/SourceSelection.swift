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
    }

    /// A delivery that may pass.
    package struct Admission: Hashable, Sendable {
        /// Credential instance whose secret fitted, or ``unsignedInstance``.
        package var instance: String
        /// Names of the sources that hear the delivery, sorted.
        package var hearers: [String]
    }

    private let provider: any WebhookProvider
    private let sources: [String: WebhookSourceConfig]

    /// Picks the sources of the provider's type; `nil` when there is none.
    ///
    /// - Parameters:
    ///   - provider: whose deliveries these are.
    ///   - sources: all of the project, by name.
    ///   - name: the only source that takes part, when the path named one.
    package init?(of provider: any WebhookProvider, in sources: [String: WebhookSourceConfig], named name: String?) {
        let own = sources.filter { $0.value.type == provider.type && (name == nil || $0.key == name) }
        guard !own.isEmpty else { return nil }
        self.provider = provider
        self.sources = own
    }

    /// Judges a delivery.
    ///
    /// - Parameters:
    ///   - body: the bytes as they came.
    ///   - headers: of the request.
    ///   - stored: every stored secret of the provider's secret type, by instance.
    ///   - isExposed: the request came, or could have come, from outside this machine.
    /// - Returns: who it comes from and who hears it.
    /// - Throws: ``Refusal``.
    package func admit(
        body: [UInt8],
        headers: WebhookHeaders,
        stored: [String: String],
        isExposed: Bool
    ) throws(Refusal) -> Admission {
        if let instance = provider.verify(body: body, headers: headers, secrets: candidates(of: stored)) {
            let hearers = sources.filter { $0.value.credential == nil || $0.value.credential == instance }.keys.sorted()
            return Admission(instance: instance, hearers: hearers)
        }
        let isBare = provider.signatureHeader.map { headers[$0] == nil } ?? true
        let hearers = sources.filter { source in
            guard source.value.credential == nil else { return false }
            return stored.isEmpty ? source.value.allowUnsigned || !isExposed : source.value.allowUnsigned && isBare
        }
        guard hearers.isEmpty else { return Admission(instance: unsignedInstance, hearers: hearers.keys.sorted()) }
        throw provider.secretType == nil ? .unknownSource : .badSignature
    }

    /// The secrets that count: those the sources name, or all where a source names none.
    private func candidates(of stored: [String: String]) -> [String: String] {
        let named = sources.values.map(\.credential)
        guard !named.contains(nil) else { return stored }
        return stored.filter { named.contains($0.key) }
    }
}
