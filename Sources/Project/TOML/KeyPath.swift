import Domain

/// Writes the place of a value in a TOML document: `webhooks[0].events`.
enum KeyPath {
    static func joined(_ parent: String, _ key: String) -> String {
        parent.isEmpty ? written(key) : "\(parent).\(written(key))"
    }

    /// A key as it stands in a file: bare where that is allowed, else quoted.
    static func written(_ key: String) -> String { isBare(key) ? key : JSONValue.quoted(key) }

    static func element(_ parent: String, _ index: Int) -> String { "\(parent)[\(index)]" }

    /// The place that contains this one; `nil` for a key of the top level.
    static func parent(of path: String) -> String? {
        guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return nil }
        return String(path[..<end])
    }

    private static func isBare(_ key: String) -> Bool {
        !key.isEmpty && key.utf8.allSatisfy { $0.isLetterOrDigit || "-_".utf8.contains($0) }
    }
}
