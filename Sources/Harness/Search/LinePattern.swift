import Foundation

/// What a line is searched for.
struct LinePattern {
    private enum Kind {
        case text([UInt8])
        /// A match needs the text, so that most lines are dismissed without asking the expression.
        case expression(Regex<AnyRegexOutput>, needs: [UInt8])
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
        if !isLiteral, let problem = Self.refused(pattern) { throw problem }
        do {
            let source = isLiteral ? Self.escaped(pattern) : pattern
            let regex = try Regex(source).matchingSemantics(.unicodeScalar)
            kind =
                ignoresCase
                ? .expression(regex.ignoresCase(), needs: []) : .expression(regex, needs: Self.needed(pattern))
        } catch {
            throw Self.invalid(pattern, Self.position(of: error, in: pattern), "\(error)")
        }
    }

    /// Whether a line holds it.
    func matches(_ line: ArraySlice<UInt8>) -> Bool {
        switch kind {
        case .text(let text): return ByteSearch.contains(line, text)
        case .expression(let regex, let needed):
            guard needed.isEmpty || ByteSearch.contains(line, needed) else { return false }
            return String(decoding: line, as: UTF8.self).firstMatch(of: regex) != nil
        }
    }

    private static func invalid(_ pattern: String, _ position: Int?, _ reason: String) -> HarnessError {
        let place = position.map { " at position \($0)" } ?? ""
        return HarnessError(
            .invalidPattern,
            "The pattern is no valid expression\(place): \(reason). Set literal for plain text."
        )
    }

    private static func escaped(_ text: String) -> String {
        let special = "\\^$.|?*+()[]{}".unicodeScalars
        return text.unicodeScalars.map { special.contains($0) ? "\\\($0)" : String($0) }.joined()
    }

    /// Look-around and back-references: no other search of the field has them.
    private static func refused(_ pattern: String) -> HarnessError? {
        let scalars = Array(pattern.unicodeScalars)
        var index = 0
        var isInSet = false
        while index < scalars.count {
            let rest = String(String.UnicodeScalarView(scalars[index...].prefix(4)))
            if rest.hasPrefix("\\") {
                let isReference = rest.dropFirst().first.map { "123456789kg".contains($0) } ?? false
                if isReference { return invalid(pattern, index + 1, "back-references are not supported") }
                index += 2
                continue
            }
            if rest.hasPrefix("[") { isInSet = true }
            if rest.hasPrefix("]") { isInSet = false }
            guard !isInSet else {
                index += 1
                continue
            }
            if ["(?=", "(?!", "(?<=", "(?<!"].contains(where: rest.hasPrefix) {
                return invalid(pattern, index + 1, "look-around is not supported")
            }
            if ["(?P=", "(?P>", "(?R", "(?&", "(?("].contains(where: rest.hasPrefix) {
                return invalid(pattern, index + 1, "references to groups are not supported")
            }
            index += 1
        }
        return nil
    }

    /// The error of the expression parser is of no public type; its place can be had by reflection only.
    private static func position(of error: any Error, in pattern: String) -> Int? {
        let location = Mirror(reflecting: error).children.first { $0.label == "location" }?.value
        let range = location.flatMap { Mirror(reflecting: $0).children.first { $0.label == "range" }?.value }
        guard let start = (range as? Range<String.Index>)?.lowerBound, start <= pattern.endIndex else { return nil }
        return pattern.distance(from: pattern.startIndex, to: start) + 1
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
