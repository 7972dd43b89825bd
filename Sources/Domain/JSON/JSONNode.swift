/// A value inside a ``JSONDocument`` that has not been read yet.
package struct JSONNode: Sendable {
    private let document: JSONDocument
    private let index: Int

    init(document: JSONDocument, index: Int) {
        self.document = document
        self.index = index
    }

    private var entry: JSONEntry { document.entry(index) }

    /// The value with all that it holds.
    package var value: JSONValue { document.value(at: index) }

    /// Whether this is an object.
    package var isObject: Bool { entry.kind == .object }

    /// Whether this is `null`.
    package var isNull: Bool { entry.kind == .null }

    /// The text of a string, else `nil`.
    package var stringValue: String? { entry.isString ? document.text(of: entry) : nil }

    /// The value of a number without fraction (`600.0` counts), else `nil`.
    package var intValue: Int? { entry.kind == .number ? value.intValue : nil }

    /// The value of a number, else `nil`.
    package var doubleValue: Double? { entry.kind == .number ? value.doubleValue : nil }

    /// The elements of an array; none when this is no array.
    package var elements: [JSONNode] {
        guard entry.kind == .array else { return [] }
        return document.places(in: index).map { JSONNode(document: document, index: $0) }
    }

    /// A member of an object, of several with this key the last; `nil` when absent or when this is no object.
    package subscript(key: String) -> JSONNode? {
        guard isObject else { return nil }
        var found: JSONNode?
        for place in document.places(in: index) where document.isText(document.entry(place), key) {
            found = JSONNode(document: document, index: place + 1)
        }
        return found
    }

    /// An element of an array; `nil` when out of range or when this is no array.
    package subscript(position: Int) -> JSONNode? {
        let elements = elements
        return elements.indices.contains(position) ? elements[position] : nil
    }
}
