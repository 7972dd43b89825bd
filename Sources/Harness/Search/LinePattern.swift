import Foundation

/// What a line is searched for.
struct LinePattern {
    private enum Kind {
        case text([UInt8])
        /// A match needs the text, so that most lines are dismissed without asking the expression.
        case expression(ExpressionMatcher, needs: [UInt8])
    }

    private let kind: Kind

    /// Reads a pattern.
    ///
    /// - Throws: ``HarnessError/Code/invalidPattern`` naming the position.
    init(_ pattern: String, isLiteral: Bool, ignoresCase: Bool) throws(HarnessError) {
        guard !isLiteral || ignoresCase else {
            kind = .text(Array(pattern.utf8))
            return
        }
        do {
            let expression =
                isLiteral
                ? .sequence(pattern.unicodeScalars.map { .scalars(ScalarSet($0, ignoresCase: true)) })
                : try ExpressionParser.parse(pattern, ignoresCase: ignoresCase)
            let needed = isLiteral || ignoresCase ? [] : Self.needed(pattern)
            kind = .expression(ExpressionMatcher(try ExpressionProgram(expression)), needs: needed)
        } catch {
            throw HarnessError(
                .invalidPattern,
                "The pattern is no valid expression at position \(error.position): \(error.reason). "
                    + "Set literal for plain text."
            )
        }
    }

    /// Whether a line holds it; `isOver` ends a long search.
    func matches(_ line: ArraySlice<UInt8>, isOver: () -> Bool = { false }) -> Bool {
        switch kind {
        case .text(let text): return ByteSearch.contains(line, text)
        case .expression(let matcher, let needed):
            guard needed.isEmpty || ByteSearch.contains(line, needed) else { return false }
            return matcher.matches(line, isOver: isOver)
        }
    }

    /// The longest text that every match holds, as far as a simple look tells; empty when none is certain.
    private static func needed(_ pattern: String) -> [UInt8] {
        guard !pattern.unicodeScalars.contains(where: { "|()[]{}\\".unicodeScalars.contains($0) }) else { return [] }
        var runs: [[Unicode.Scalar]] = [[]]
        for scalar in pattern.unicodeScalars {
            switch scalar {
            case ".", "^", "$": runs.append([])
            case "*", "?", "+":
                // What is repeated may be absent; what stands before it may not.
                if !runs[runs.count - 1].isEmpty { runs[runs.count - 1].removeLast() }
                runs.append([])
            default: runs[runs.count - 1].append(scalar)
            }
        }
        let longest = runs.max { $0.count < $1.count } ?? []
        return Array(String(String.UnicodeScalarView(longest)).utf8)
    }
}
