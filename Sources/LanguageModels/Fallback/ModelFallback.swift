/// A chain of models left one of them for the next.
package struct ModelFallback: Hashable, Sendable {
    /// `<provider>/<id>` of the model that failed.
    package var from: String
    /// `<provider>/<id>` of the model that is asked instead.
    package var to: String
    /// Why; its code says what kind of failure it was, its usage what the failed request has cost.
    package var error: ModelError

    /// Collects the facts.
    package init(from: String, to: String, error: ModelError) {
        self.from = from
        self.to = to
        self.error = error
    }

    /// Whether somebody has to mend the configuration: waiting does not help.
    package var needsAttention: Bool { error.code == .auth || error.code == .notFound }
}
