import Domain
import OrderedCollections

extension TOMLEditor {
    /// Replaces the values of all headers, the environment of tool servers and passwords in URLs by a mask.
    mutating func maskSecrets() throws(Problem) {
        for (path, value) in SecretValues.leaves(of: .object(root), at: []) {
            let masked = SecretValues.masked(value, at: path)
            if masked != value { try set(path, to: masked) }
        }
    }
}

extension SecretValues {
    /// What a problem says it found: the value, but of one that may be secret only its kind, or its keys.
    static func found(_ value: JSONValue, at path: String) -> String {
        // Names in quotes may be cut wrongly here; what they hold is hidden all the same.
        let keys = path.split { ".[".contains($0) }.map(String.init)
        switch value {
        case .string where mayBeSecret(keys): return "a text"
        case .array where mayBeSecret(keys): return "a list"
        default: return hidden(value, under: keys).compactText
        }
    }

    /// The value as it may be shown.
    static func masked(_ value: JSONValue, at path: TOMLPath) -> JSONValue {
        let keys = path.steps.compactMap { if case .key(let key) = $0 { key } else { nil } }
        if mayBeSecret(keys.dropLast()) { return mask }
        guard let text = value.stringValue else { return value }
        return .string(withoutPassword(text))
    }

    /// Every scalar and every empty table or array, with its place.
    static func leaves(of value: JSONValue, at path: TOMLPath) -> [(path: TOMLPath, value: JSONValue)] {
        switch value {
        case .object(let members) where !members.isEmpty:
            members.flatMap { leaves(of: $0.value, at: path.key($0.key)) }
        case .array(let values) where !values.isEmpty:
            values.enumerated().flatMap { leaves(of: $0.element, at: path.element($0.offset)) }
        default: [(path, value)]
        }
    }

    /// Every setting with its place: a table counts member by member, as does a list of tables; a list of anything else is one setting.
    static func settings(of value: JSONValue, at path: TOMLPath) -> [(path: TOMLPath, value: JSONValue)] {
        switch value {
        case .object(let members) where !members.isEmpty:
            members.flatMap { settings(of: $0.value, at: path.key($0.key)) }
        case .array(let values) where values.contains(where: { $0.objectValue != nil }):
            values.enumerated().flatMap { settings(of: $0.element, at: path.element($0.offset)) }
        default: [(path, value)]
        }
    }
}
