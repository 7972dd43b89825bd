import OrderedCollections

/// The JSON form of an agent does not fit.
package struct AgentConfigJSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The key that does not fit, dotted; empty for the whole document.
    package var path: String
    /// What would have been accepted.
    package var expected: String

    package var description: String {
        "agent configuration: \(path.isEmpty ? "the document" : path): expected \(expected)"
    }
}

/// Reads the members of one JSON object and names the one that does not fit.
struct ConfigJSONReader {
    let members: OrderedDictionary<String, JSONValue>
    private let path: String

    init(_ value: JSONValue, path: String) throws(AgentConfigJSONError) {
        guard let members = value.objectValue else { throw .init(path: path, expected: "an object") }
        self.members = members
        self.path = path
    }

    func require<Value>(
        _ key: String,
        _ expected: String,
        _ read: (JSONValue) -> Value?
    ) throws(AgentConfigJSONError) -> Value {
        guard let value = members[key].flatMap(read) else { throw .init(path: full(key), expected: expected) }
        return value
    }

    func text(_ key: String) throws(AgentConfigJSONError) -> String? {
        try optional(key, "text") { $0.stringValue }
    }

    func integer(_ key: String) throws(AgentConfigJSONError) -> Int? {
        try optional(key, "a whole number") { $0.intValue }
    }

    func number(_ key: String) throws(AgentConfigJSONError) -> Double? {
        try optional(key, "a number") { $0.doubleValue }
    }

    func boolean(_ key: String) throws(AgentConfigJSONError) -> Bool? {
        try optional(key, "true or false") { $0.boolValue }
    }

    func choice<Value: RawRepresentable<String> & CaseIterable>(
        _ key: String
    ) throws(AgentConfigJSONError) -> Value? {
        let legal = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return try optional(key, "one of \(legal)") { Value(rawValue: $0.stringValue ?? "") }
    }

    /// The value of a key that holds an object; `null` counts as absent.
    func table(_ key: String) -> JSONValue? { members[key].flatMap { $0 == .null ? Optional.none : $0 } }

    func texts(_ key: String) throws(AgentConfigJSONError) -> [String] {
        let texts = try optional(key, "a list of texts") { value in
            value.arrayValue.flatMap { values in
                let texts = values.compactMap(\.stringValue)
                return texts.count == values.count ? texts : nil
            }
        }
        return texts ?? []
    }

    func readers<Value>(
        _ key: String,
        _ read: (ConfigJSONReader) throws(AgentConfigJSONError) -> Value
    ) throws(AgentConfigJSONError) -> [Value] {
        var result: [Value] = []
        for (index, value) in (try optional(key, "a list") { $0.arrayValue } ?? []).enumerated() {
            result.append(try read(ConfigJSONReader(value, path: "\(full(key))[\(index)]")))
        }
        return result
    }

    func optional<Value>(
        _ key: String,
        _ expected: String,
        _ read: (JSONValue) -> Value?
    ) throws(AgentConfigJSONError) -> Value? {
        guard let value = members[key], value != .null else { return nil }
        guard let result = read(value) else { throw .init(path: full(key), expected: expected) }
        return result
    }

    /// The key with the path of the object in front.
    func full(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}
