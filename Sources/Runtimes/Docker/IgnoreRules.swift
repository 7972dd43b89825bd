/// Which paths of a directory stay out of a build: our own rules, then those of `.dockerignore`.
///
/// Patterns: `*` and `?` within a part, `**` for any number of parts, a leading `!` takes paths back (Docker documentation,
/// ".dockerignore files").
package struct IgnoreRules: Sendable {
    private let patterns: [(isException: Bool, parts: [String])]

    /// Parts that never enter an image: histories, our own state, secrets.
    private static let always: Set<String> = [
        ".git", ".al", "node_modules", ".action-llama", ".action-llama-credentials",
    ]

    /// Reads the text of a `.dockerignore`; empty = only our own rules.
    init(_ text: String) {
        patterns = text.split(whereSeparator: \.isNewline).compactMap { line in
            var line = line.drop(while: \.isWhitespace)
            while line.last?.isWhitespace == true { line.removeLast() }
            if line.isEmpty || line.hasPrefix("#") { return nil }
            let isException = line.hasPrefix("!")
            if isException { line = line.dropFirst() }
            let parts = line.split(separator: "/").map(String.init).filter { $0 != "." }
            return parts.isEmpty ? nil : (isException, parts)
        }
    }

    /// Whether the path, parts divided by `/`, stays out.
    func excludes(_ path: String) -> Bool {
        let parts = path.split(separator: "/").map(String.init)
        if Self.excludesAlways(parts) { return true }
        var isExcluded = false
        for pattern in patterns {
            // A pattern for a directory covers everything in it.
            let matches = (1...max(1, parts.count)).contains { Self.matches(pattern.parts[...], parts.prefix($0)) }
            if matches { isExcluded = !pattern.isException }
        }
        return isExcluded
    }

    /// Whether nothing below a path that stays out can be taken back.
    func excludesEverythingBelow(_ path: String) -> Bool {
        Self.excludesAlways(path.split(separator: "/").map(String.init)) || !patterns.contains { $0.isException }
    }

    private static func excludesAlways(_ parts: [String]) -> Bool { parts.contains(where: excludesAlways) }

    /// Whether what has this name never enters an image, whatever a `.dockerignore` says.
    ///
    /// `.envrc` and `.env-prod` hold what `.env` holds.
    package static func excludesAlways(_ name: String) -> Bool { always.contains(name) || name.hasPrefix(".env") }

    private static func matches(_ pattern: ArraySlice<String>, _ parts: ArraySlice<String>) -> Bool {
        guard let first = pattern.first else { return parts.isEmpty }
        if first == "**" {
            if matches(pattern.dropFirst(), parts) { return true }
            return !parts.isEmpty && matches(pattern, parts.dropFirst())
        }
        guard let part = parts.first, matchesPart(Array(first)[...], Array(part)[...]) else { return false }
        return matches(pattern.dropFirst(), parts.dropFirst())
    }

    private static func matchesPart(_ pattern: ArraySlice<Character>, _ text: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if first == "*" {
            return matchesPart(pattern.dropFirst(), text) || (!text.isEmpty && matchesPart(pattern, text.dropFirst()))
        }
        guard let character = text.first, first == "?" || first == character else { return false }
        return matchesPart(pattern.dropFirst(), text.dropFirst())
    }
}
