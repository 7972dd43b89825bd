package import FoundationEssentials

/// A reply of a model that a run paid for.
package struct ModelReply: Hashable, Sendable {
    package var model: String?
    /// USD; 0 when the price is unknown.
    package var cost: Double
    package var at: Date
    /// The position in the run's output behind the line that told it.
    package var position: String

    /// Collects the facts.
    package init(model: String?, cost: Double, at: Date, position: String) {
        self.model = model
        self.cost = cost
        self.at = at
        self.position = position
    }
}
