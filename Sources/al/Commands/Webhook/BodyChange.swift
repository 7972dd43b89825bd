import Domain
import OrderedCollections
import Project

/// A `key=value` that changes one field of a body.
struct BodyChange {
    let keys: [String]
    let value: JSONValue

    /// Reads it: the key is a path with dots, the value TOML or, failing that, a text.
    ///
    /// - Throws: ``Failure`` without a key.
    init(_ text: String) throws {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let keys = parts[0].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !keys.contains("") else {
            throw Failure("Error: --set \(text): write key=value, such as issue.number=7.")
        }
        self.keys = keys
        value = TOMLValue.parse(String(parts[1])) ?? .string(String(parts[1]))
    }

    /// Sets the field; objects on the way are made where they are missing.
    ///
    /// - Throws: ``Failure`` when something on the way is neither object nor an element of an array.
    func apply(to body: inout JSONValue) throws { try set(&body, keys[...]) }

    private func set(_ place: inout JSONValue, _ rest: ArraySlice<String>) throws {
        guard let key = rest.first else {
            place = value
            return
        }
        switch place {
        case .object(var members):
            var inner = members[key] ?? [:]
            if inner == .null, rest.count > 1 { inner = [:] }
            try set(&inner, rest.dropFirst())
            members[key] = inner
            place = .object(members)
        case .array(var elements):
            guard let index = Int(key), elements.indices.contains(index) else { throw misplaced(key) }
            try set(&elements[index], rest.dropFirst())
            place = .array(elements)
        default: throw misplaced(key)
        }
    }

    private func misplaced(_ key: String) -> Failure {
        Failure("Error: --set \(keys.joined(separator: ".")): there is no place for \"\(key)\" in the body.")
    }
}
