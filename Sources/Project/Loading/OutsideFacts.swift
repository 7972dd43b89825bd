package import Domain

/// What validation must know and other rooms own: credential types and model prices.
package struct OutsideFacts: Sendable {
    /// Every credential type; empty = types are not checked.
    package var credentialTypes: [String]
    /// Types that no agent may have.
    package var hostOnlyTypes: Set<String>
    /// Types whose secret can stay outside of runs.
    package var brokeredTypes: Set<String>
    /// Whether the cost of a model's tokens is known.
    package var isPriced: @Sendable (ModelConfig) -> Bool

    /// Collects the facts; without any nothing is checked against them.
    package init(
        credentialTypes: [String] = [],
        hostOnlyTypes: Set<String> = [],
        brokeredTypes: Set<String> = [],
        isPriced: @escaping @Sendable (ModelConfig) -> Bool = { _ in true }
    ) {
        self.credentialTypes = credentialTypes
        self.hostOnlyTypes = hostOnlyTypes
        self.brokeredTypes = brokeredTypes
        self.isPriced = isPriced
    }
}
