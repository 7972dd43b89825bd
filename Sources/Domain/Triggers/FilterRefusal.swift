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

    /// Of labels, which must all be there, those that are not; `nil` for a filter that any of its values satisfies.
    package var missing: [String]? {
        guard filter == "label" else { return nil }
        let found = Set((found?.arrayValue ?? []).compactMap(\.stringValue))
        return expected.filter { !found.contains($0) }
    }
}
