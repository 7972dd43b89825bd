import OrderedCollections

/// Which values of configuration may be secrets, and how they are shown.
package enum SecretValues {
    /// What stands in the place of a value that may be secret.
    package static let mask: JSONValue = "***"

    /// A value in which everything below it that may be secret is masked, passwords in URLs too.
    ///
    /// - Parameters:
    ///   - value: a table, a list or a setting.
    ///   - keys: those that lead to the value.
    /// - Returns: the value as it may be shown.
    package static func hidden(_ value: JSONValue, under keys: [String] = []) -> JSONValue {
        switch value {
        case .object(let members):
            .object(.init(uniqueKeysWithValues: members.map { ($0.key, hidden($0.value, under: keys + [$0.key])) }))
        case .array(let values): .array(values.map { hidden($0, under: keys) })
        case _ where mayBeSecret(keys): mask
        case .string(let text): .string(withoutPassword(text))
        default: value
        }
    }

    /// Whether keys lead to headers or to the environment of tool servers, or to something below them.
    package static func mayBeSecret(_ keys: some Collection<String>) -> Bool {
        keys.contains("headers") || (keys.first == "mcp" && keys.dropFirst().contains("env"))
    }

    /// `scheme://user:password@host` with the password masked; any other text as it is.
    package static func withoutPassword(_ text: String) -> String {
        guard let scheme = text.firstRange(of: "://") else { return text }
        let rest = text[scheme.upperBound...]
        let authority = rest.prefix { !"/?#".contains($0) }
        guard let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") else {
            return text
        }
        return text[..<text.index(after: colon)] + "***" + text[at...]
    }
}
