/// Takes the braces of a pattern apart, in a time that grows with its length alone.
///
/// A brace that is not closed, or holds no comma, stands for itself.
struct BraceExpansion {
    /// Stands where braces leave too many choices, for any text; no path has it.
    static let manyChoices: Unicode.Scalar = "\u{0}"
    private static let deepest = 32

    private let pattern: [Unicode.Scalar]
    /// Where the braces that are closed end.
    private let ends: [Int: Int]
    private let most: Int

    /// Reads a pattern.
    init(_ pattern: [Unicode.Scalar]) {
        self.pattern = pattern
        // Each choice may be as long as the pattern.
        most = max(1, min(256, (1 << 20) / max(1, pattern.count)))
        var open: [Int] = []
        var ends: [Int: Int] = [:]
        for (index, scalar) in pattern.enumerated() {
            if scalar == "{" { open.append(index) }
            if scalar == "}", let start = open.popLast() { ends[start] = index }
        }
        self.ends = ends
    }

    /// The pattern once for each choice that its braces leave.
    var choices: [[Unicode.Scalar]] { choices(in: pattern.indices, depth: 0) }

    private func choices(in range: Range<Int>, depth: Int) -> [[Unicode.Scalar]] {
        var texts: [[Unicode.Scalar]] = [[]]
        var index = range.lowerBound
        while index < range.upperBound {
            if let parts = parts(at: index), let end = ends[index] {
                if let more = choices(of: parts, atMost: most / texts.count, depth: depth) {
                    texts = texts.flatMap { text in more.map { text + $0 } }
                } else {
                    // Any text behind any text is any text.
                    for position in texts.indices where texts[position].last != Self.manyChoices {
                        texts[position].append(Self.manyChoices)
                    }
                }
                index = end + 1
            } else {
                for position in texts.indices { texts[position].append(pattern[index]) }
                index += 1
            }
        }
        return texts
    }

    /// What some braces leave; `nil` = too much.
    private func choices(of parts: [Range<Int>], atMost limit: Int, depth: Int) -> [[Unicode.Scalar]]? {
        guard depth < Self.deepest else { return nil }
        var all: [[Unicode.Scalar]] = []
        for part in parts {
            guard all.count < limit else { return nil }
            all += choices(in: part, depth: depth + 1)
        }
        return all.count <= limit ? all : nil
    }

    /// What stands between the commas of the braces that begin here; `nil` = none begin, or they stand for themselves.
    private func parts(at start: Int) -> [Range<Int>]? {
        guard let end = ends[start] else { return nil }
        var parts: [Range<Int>] = []
        var first = start + 1
        var index = first
        while index < end {
            if pattern[index] == "," {
                parts.append(first..<index)
                first = index + 1
            }
            // Commas of braces within are theirs.
            index = (ends[index] ?? index) + 1
        }
        return parts.isEmpty ? nil : parts + [first..<end]
    }
}
