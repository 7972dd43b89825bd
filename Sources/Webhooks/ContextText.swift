import Domain
import OrderedCollections

/// How texts of payloads become texts of a context.
enum ContextText {
    /// UTF-16 units that a long text may have.
    static let limit = 4000

    /// Cuts a long text and marks the cut with `...`; an empty text and anything that is no text become absent.
    ///
    /// A character is never cut in two.
    static func cut(_ value: JSONNode?) -> JSONValue? { cut(value?.stringValue) }

    /// The same for a text that is no value yet.
    static func cut(_ text: String?) -> JSONValue? {
        guard let text, !text.isEmpty else { return nil }
        guard text.utf8.count > limit, text.utf16.count > limit else { return .string(text) }
        var end = text.utf16.index(text.utf16.startIndex, offsetBy: limit)
        while end > text.startIndex, String.Index(end, within: text) == nil {
            end = text.utf16.index(before: end)
        }
        // A substring would be counted, character by character.
        return .string(String(text[..<end]) + "...")
    }
}

extension JSONNode {
    /// The value unless it is `null`.
    var nonNull: JSONValue? { isNull ? .none : .some(value) }

    /// A string that is not empty, as a value.
    var nonEmptyText: JSONValue? { stringValue.flatMap { $0.isEmpty ? .none : .some(.string($0)) } }

    /// A member that is an object.
    func object(_ key: String) -> JSONNode? {
        guard let member = self[key], member.isObject else { return nil }
        return member
    }
}

/// Members of an object in their order; those without a value are left out.
typealias ContextKeys = KeyValuePairs<String, JSONValue?>

extension JSONValue {
    // A bare `nil` would mean JSON's `null` here, hence `.none`.

    /// The value unless it is `null`.
    var nonNull: JSONValue? { self == .null ? .none : .some(self) }

    /// A context: the keys that every event has, then those of the event.
    static func context(_ head: ContextKeys, _ keys: ContextKeys) -> JSONValue {
        var members = OrderedDictionary<String, JSONValue>(minimumCapacity: head.count + keys.count)
        for (key, value) in head { members[key] = value }
        for (key, value) in keys { members[key] = value }
        return .object(members)
    }
}
