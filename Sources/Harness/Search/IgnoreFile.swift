import Foundation

/// The rules of one `.gitignore`.
struct IgnoreFile: Sendable {
    private struct Rule: Sendable {
        var glob: Glob
        var isNegated: Bool
        var needsDirectory: Bool
    }

    /// Absolute path of the directory that the rules speak about, with a slash at its end.
    private let base: String
    private let rules: [Rule]

    /// Reads a file; `nil` when there is none or it holds no rule.
    init?(path: String, base: String) {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        self.init(parsing: String(decoding: data, as: UTF8.self), base: base)
    }

    /// Reads rules, one a line; `nil` when there is none.
    init?(parsing text: String, base: String) {
        self.base = base.hasSuffix("/") ? base : base + "/"
        rules = text.split(whereSeparator: \.isNewline).compactMap { Self.rule(String($0)) }
        if rules.isEmpty { return nil }
    }

    /// What the last rule that fits says; `nil` when none does.
    ///
    /// - Parameters:
    ///   - path: absolute.
    ///   - isDirectory: what is there; symbolic links are none.
    /// - Returns: whether the path is left out.
    func ignores(_ path: String, isDirectory: Bool) -> Bool? {
        guard path.hasPrefix(base) else { return nil }
        let relative = String(path.dropFirst(base.count))
        let last = rules.last { (isDirectory || !$0.needsDirectory) && $0.glob.matches(relative) }
        return last.map { !$0.isNegated }
    }

    private static func rule(_ line: String) -> Rule? {
        var text = line[...]
        while text.hasSuffix(" ") || text.hasSuffix("\t"), !text.dropLast().hasSuffix("\\") { text.removeLast() }
        guard !text.isEmpty, !text.hasPrefix("#") else { return nil }
        let isNegated = text.hasPrefix("!")
        if isNegated { text.removeFirst() }
        let needsDirectory = text.hasSuffix("/")
        if needsDirectory { text.removeLast() }
        guard !text.isEmpty else { return nil }
        // A slash anywhere but at the end ties the rule to the directory of its file.
        let isTied = text.contains("/")
        if text.hasPrefix("/") { text.removeFirst() }
        let glob = Glob(isTied ? String(text) : "**/\(text)", bracesExpand: false)
        return Rule(glob: glob, isNegated: isNegated, needsDirectory: needsDirectory)
    }
}
