/// A model of a chain has failed, and the chain is ready to go on: with its next model, or with the same one after a wait.
///
/// Thrown instead of asking on, so that whoever pays for the requests can look at the costs in between. The same request, made
/// again, goes to the model named here.
package struct ModelFallback: Error, Hashable, Sendable {
    /// `<provider>/<id>` of the model that failed.
    package var from: String
    /// `<provider>/<id>` of the model that answers the next request.
    package var to: String
    /// How long to wait before it; zero for another model.
    package var wait: Duration
    /// Why; its code says what kind of failure it was, its usage what the failed request has cost.
    package var error: ModelError

    /// Collects the facts.
    package init(from: String, to: String, wait: Duration = .zero, error: ModelError) {
        self.from = from
        self.to = to
        self.wait = wait
        self.error = error
    }

    /// Whether somebody has to mend the configuration: waiting does not help.
    package var needsAttention: Bool { error.code == .auth || error.code == .notFound }

    /// Kind and words of the failure.
    package var reason: String { "\(error.code.rawValue): \(error.message)" }
}
