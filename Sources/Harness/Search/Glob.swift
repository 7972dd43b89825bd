/// A pattern for paths: `*`, `?`, `[a-z]`, `{a,b}` and `**`.
///
/// `*` and `?` stay within one name; `**` as a whole name stands for any number of directories. A bracket or brace
/// that is not closed stands for itself.
struct Glob: Hashable, Sendable {
    private enum Token: Hashable {
        case scalar(Unicode.Scalar)
        case anyInName
        case starInName
        /// Any text, slashes too.
        case anything
        /// `**/`: nothing, or names that each end with a slash.
        case directories
        /// Within a name that ``directories`` has entered; always stands behind it.
        case insideDirectory
        case set([ClosedRange<UInt32>], isNegated: Bool)
    }

    /// What most patterns come down to, so that a walk over many files need not follow every token.
    private enum Shortcut: Hashable {
        /// The whole path.
        case path(String)
        /// The last name of the path.
        case name(String)
        /// The end of the last name.
        case ending(String)
    }

    private let alternatives: [[Token]]
    private let shortcuts: [Shortcut?]
    /// Braces leave more choices than are tried one by one: more fits than they name.
    let isWider: Bool

    /// Reads a pattern; every text is one.
    ///
    /// - Parameters:
    ///   - pattern: with `/` between names.
    ///   - bracesExpand: false where braces stand for themselves.
    init(_ pattern: String, bracesExpand: Bool = true) {
        let scalars = Array(pattern.unicodeScalars)
        let choices = bracesExpand ? BraceExpansion(scalars).choices : [scalars]
        isWider = choices.contains { $0.contains(BraceExpansion.manyChoices) }
        alternatives = choices.map(Self.tokens)
        shortcuts = alternatives.map(Self.shortcut)
    }

    /// Whether the whole path fits.
    func matches(_ path: String) -> Bool {
        zip(alternatives, shortcuts).contains { tokens, shortcut in
            switch shortcut {
            case .path(let text): path.utf8.elementsEqual(text.utf8)
            case .name(let text): path.ends(with: text, afterSlash: true)
            case .ending(let text): path.ends(with: text, afterSlash: false)
            case nil: Self.matches(Array(path.unicodeScalars), tokens)
            }
        }
    }

    private static func shortcut(_ tokens: [Token]) -> Shortcut? {
        var rest = tokens[...]
        let isAtAnyDepth = rest.starts(with: [Token.directories, .insideDirectory])
        if isAtAnyDepth { rest = rest.dropFirst(2) }
        let isOpen = isAtAnyDepth && rest.first == .starInName
        if isOpen { rest = rest.dropFirst() }
        var text = ""
        for token in rest {
            guard case .scalar(let scalar) = token, scalar != "/" || !isAtAnyDepth else { return nil }
            text.unicodeScalars.append(scalar)
        }
        return isOpen ? .ending(text) : isAtAnyDepth ? .name(text) : .path(text)
    }

    // MARK: Matching

    /// Follows all ways through the tokens at once, so that no pattern takes more than its length times the path's.
    private static func matches(_ path: [Unicode.Scalar], _ tokens: [Token]) -> Bool {
        var places = [Bool](repeating: false, count: tokens.count + 1)
        var next = places
        enter(0, tokens, &places)
        for scalar in path {
            for index in next.indices { next[index] = false }
            for index in tokens.indices where places[index] { step(scalar, at: index, tokens, &next) }
            swap(&places, &next)
        }
        return places[tokens.count]
    }

    private static func enter(_ index: Int, _ tokens: [Token], _ places: inout [Bool]) {
        guard !places[index] else { return }
        places[index] = true
        guard index < tokens.count else { return }
        switch tokens[index] {
        case .starInName, .anything: enter(index + 1, tokens, &places)
        case .directories: enter(index + 2, tokens, &places)
        case .scalar, .anyInName, .insideDirectory, .set: break
        }
    }

    private static func step(_ scalar: Unicode.Scalar, at index: Int, _ tokens: [Token], _ next: inout [Bool]) {
        switch tokens[index] {
        case .scalar(let wanted): if scalar == wanted { enter(index + 1, tokens, &next) }
        case .anyInName: if scalar != "/" { enter(index + 1, tokens, &next) }
        case .starInName: if scalar != "/" { enter(index, tokens, &next) }
        case .anything: enter(index, tokens, &next)
        case .directories: if scalar != "/" { enter(index + 1, tokens, &next) }
        case .insideDirectory: enter(scalar == "/" ? index - 1 : index, tokens, &next)
        case .set(let ranges, let isNegated):
            guard scalar != "/", ranges.contains(where: { $0.contains(scalar.value) }) != isNegated else { return }
            enter(index + 1, tokens, &next)
        }
    }

    // MARK: Reading

    private static func tokens(_ pattern: [Unicode.Scalar]) -> [Token] {
        var tokens: [Token] = []
        var index = 0
        while index < pattern.count {
            switch pattern[index] {
            case "\\" where index + 1 < pattern.count:
                tokens.append(.scalar(pattern[index + 1]))
                index += 2
            case BraceExpansion.manyChoices:
                tokens.append(.anything)
                index += 1
            case "?":
                tokens.append(.anyInName)
                index += 1
            case "*":
                let end = pattern[index...].firstIndex { $0 != "*" } ?? pattern.count
                let isName = end - index == 2 && (index == 0 || pattern[index - 1] == "/")
                if isName, end == pattern.count {
                    tokens.append(.anything)
                } else if isName, pattern[end] == "/" {
                    tokens += [.directories, .insideDirectory]
                    index = end + 1
                    continue
                } else {
                    tokens.append(.starInName)
                }
                index = end
            case "[":
                guard let (set, end) = set(pattern, from: index + 1) else { fallthrough }
                tokens.append(set)
                index = end
            default:
                tokens.append(.scalar(pattern[index]))
                index += 1
            }
        }
        return tokens
    }

    private static func set(_ pattern: [Unicode.Scalar], from start: Int) -> (Token, Int)? {
        var index = start
        var isNegated = false
        if index < pattern.count, pattern[index] == "!" || pattern[index] == "^" {
            isNegated = true
            index += 1
        }
        var ranges: [ClosedRange<UInt32>] = []
        let first = index
        while index < pattern.count {
            if pattern[index] == "]", index > first { return (.set(ranges, isNegated: isNegated), index + 1) }
            if pattern[index] == "\\", index + 1 < pattern.count { index += 1 }
            let low = pattern[index].value
            guard index + 2 < pattern.count, pattern[index + 1] == "-", pattern[index + 2] != "]" else {
                ranges.append(low...low)
                index += 1
                continue
            }
            let high = pattern[index + 2].value
            if low <= high { ranges.append(low...high) }
            index += 3
        }
        return nil
    }
}

extension String {
    fileprivate func ends(with text: String, afterSlash isName: Bool) -> Bool {
        guard utf8.count >= text.utf8.count, utf8.suffix(text.utf8.count).elementsEqual(text.utf8) else { return false }
        guard isName, utf8.count > text.utf8.count else { return true }
        return utf8.dropLast(text.utf8.count).last == UInt8(ascii: "/")
    }
}
