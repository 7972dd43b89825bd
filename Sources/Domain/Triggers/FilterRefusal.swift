/// The filter that said no, what it would have taken and what the delivery had.
package struct FilterRefusal: Error, Hashable, Sendable {
    /// What was compared: `event`, `action`, `repo`, `label`, …, also `type` and `source`.
    package let filter: String
    package let expected: [String]
    /// `nil`: the delivery has nothing of the kind.
    package let found: JSONValue?

    /// Collects the facts.
    package init(filter: String, expected: [String], found: JSONValue?) {
        self.filter = filter
        self.expected = expected
        self.found = found
    }
}
