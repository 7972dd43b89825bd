/// The stored secrets of a credential type, by instance.
package struct StoredSecrets: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    package var values: [String: String]
    /// Why those that are stored and missing in ``values`` cannot be read.
    package var unreadable: [String: String]

    /// Whether nothing is stored.
    var isEmpty: Bool { values.isEmpty && unreadable.isEmpty }

    /// Collects both.
    package init(_ values: [String: String], unreadable: [String: String] = [:]) {
        self.values = values
        self.unreadable = unreadable
    }

    package init(dictionaryLiteral elements: (String, String)...) {
        self.init(Dictionary(elements) { _, last in last })
    }
}
