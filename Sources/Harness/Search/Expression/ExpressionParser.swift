/// Reads regular expressions: the usual dialect without what cannot be searched in one pass (look-around, back-references,
/// atomic groups, possessive repetition).
struct ExpressionParser {
    private static let deepest = 200
    private static let mostRepetitions = 1000

    private let scalars: [Unicode.Scalar]
    private var index = 0
    private var ignoresCase: Bool
    private var depth = 0

    private init(_ pattern: String, ignoresCase: Bool) {
        scalars = Array(pattern.unicodeScalars)
        self.ignoresCase = ignoresCase
    }

    /// Reads a whole pattern.
    static func parse(_ pattern: String, ignoresCase: Bool) throws(ExpressionError) -> Expression {
        var parser = ExpressionParser(pattern, ignoresCase: ignoresCase)
        let expression = try parser.alternatives()
        guard parser.peek == nil else { throw parser.error("there is no group to close", at: parser.index) }
        return expression
    }

    private var peek: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    private func error(_ reason: String, at index: Int) -> ExpressionError {
        ExpressionError(position: index + 1, reason: reason)
    }

    private func stands(_ text: String) -> Bool {
        let wanted = Array(text.unicodeScalars)
        return index + wanted.count <= scalars.count && scalars[index..<(index + wanted.count)].elementsEqual(wanted)
    }

    private mutating func skip(_ text: String) -> Bool {
        guard stands(text) else { return false }
        index += text.unicodeScalars.count
        return true
    }

    // MARK: Structure

    private mutating func alternatives() throws(ExpressionError) -> Expression {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.deepest else { throw error("groups are nested too deeply", at: index) }
        // A flag holds to the end of its group.
        let outer = ignoresCase
        defer { ignoresCase = outer }
        var branches = [try sequence()]
        while skip("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(ExpressionError) -> Expression {
        var items: [Expression] = []
        while let scalar = peek, scalar != "|", scalar != ")" {
            let start = index
            guard let item = try item() else { continue }
            items.append(try repeated(item, startingAt: start))
        }
        return .sequence(items)
    }

    /// One thing that can be repeated; `nil` for what only changes how the rest is read.
    private mutating func item() throws(ExpressionError) -> Expression? {
        let start = index
        let scalar = scalars[index]
        index += 1
        switch scalar {
        case "(": return try group(startingAt: start)
        case "[": return .scalars(try set(startingAt: start))
        case ".": return .scalars(.any)
        case "^": return .assertion(.start)
        case "$": return .assertion(.end)
        case "*", "+", "?": throw error("there is nothing to repeat", at: start)
        case "{" where counts(at: start) != nil: throw error("there is nothing to repeat", at: start)
        case "\\": return try escape(startingAt: start)
        default: return .scalars(ScalarSet(scalar, ignoresCase: ignoresCase))
        }
    }

    private mutating func group(startingAt start: Int) throws(ExpressionError) -> Expression? {
        if skip("?") {
            if ["=", "!", "<=", "<!"].contains(where: stands) {
                throw error("look-around is not supported", at: start)
            }
            if ["P=", "P>", "R", "&", "("].contains(where: stands) {
                throw error("references to groups are not supported", at: start)
            }
            if stands(">") { throw error("atomic groups are not supported", at: start) }
            if skip("#") {
                while let scalar = peek, scalar != ")" { index += 1 }
                guard skip(")") else { throw error("the comment has no end", at: start) }
                return nil
            }
            if skip("P<") || skip("<") || skip("'") {
                while let scalar = peek, scalar != ">", scalar != "'", scalar != ")" { index += 1 }
                guard skip(">") || skip("'") else { throw error("the group's name has no end", at: start) }
            } else if !skip(":") {
                return try flags(startingAt: start)
            }
        }
        let content = try alternatives()
        guard skip(")") else { throw error("the group has no end", at: start) }
        return content
    }

    /// `(?i)` for the rest of the group, `(?i:…)` for its own content.
    private mutating func flags(startingAt start: Int) throws(ExpressionError) -> Expression? {
        var value = true
        let outer = ignoresCase
        while let scalar = peek, scalar != ")", scalar != ":" {
            switch scalar {
            case "-": value = false
            case "i": ignoresCase = value
            // Of one line, in Unicode, as it is done anyway.
            case "s", "m", "u", "n": break
            default: throw error("the flag \(scalar) is not supported", at: index)
            }
            index += 1
        }
        if skip(")") { return nil }
        guard skip(":") else { throw error("the group has no end", at: start) }
        defer { ignoresCase = outer }
        let content = try alternatives()
        guard skip(")") else { throw error("the group has no end", at: start) }
        return content
    }

    // MARK: Repetition

    private mutating func repeated(_ item: Expression, startingAt start: Int) throws(ExpressionError) -> Expression {
        var item = item
        while let scalar = peek {
            let least: Int
            let most: Int?
            switch scalar {
            case "*": (least, most) = (0, nil)
            case "+": (least, most) = (1, nil)
            case "?": (least, most) = (0, 1)
            case "{":
                guard let counts = counts(at: index) else { return item }
                (least, most) = (counts.least, counts.most)
                guard least <= most ?? least, max(least, most ?? 0) <= Self.mostRepetitions else {
                    throw error(
                        "the counts are wrong: at most \(Self.mostRepetitions), the smaller one first",
                        at: index
                    )
                }
                index = counts.end - 1
            default: return item
            }
            index += 1
            if stands("+") { throw error("possessive repetition is not supported", at: index) }
            // Whether as little or as much as possible is taken, something fits or not.
            _ = skip("?")
            item = .repeated(item, least: least, most: most)
        }
        return item
    }

    /// `{n}`, `{n,}`, `{,m}` or `{n,m}` at an index; anything else is plain text.
    private func counts(at start: Int) -> (least: Int, most: Int?, end: Int)? {
        guard let close = scalars[start...].firstIndex(of: "}") else { return nil }
        let text = String(String.UnicodeScalarView(scalars[(start + 1)..<close]))
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard text.utf8.contains(where: { (0x30...0x39).contains($0) }), (1...2).contains(parts.count),
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } && $0.utf8.count < 10 })
        else { return nil }
        let least = Int(parts[0]) ?? 0
        return (least, parts.count == 1 ? least : Int(parts[1]), close + 1)
    }

    // MARK: Escapes

    private mutating func escape(startingAt start: Int) throws(ExpressionError) -> Expression? {
        guard let scalar = peek else { throw error("a backslash stands at the end", at: start) }
        switch scalar {
        case "b", "B", "A", "z", "Z":
            index += 1
            switch scalar {
            case "b": return .assertion(.wordBorder)
            case "B": return .assertion(.noWordBorder)
            case "A": return .assertion(.start)
            default: return .assertion(.end)
            }
        case "1"..."9", "k", "g": throw error("back-references are not supported", at: start)
        case "Q":
            index += 1
            return quoted()
        default:
            switch try escaped(startingAt: start) {
            case .scalar(let scalar): return .scalars(ScalarSet(scalar, ignoresCase: ignoresCase))
            case .part(let part): return .scalars(ScalarSet(parts: [part]))
            }
        }
    }

    /// Text up to `\E` or the end.
    private mutating func quoted() -> Expression {
        var items: [Expression] = []
        while let scalar = peek, !skip("\\E") {
            items.append(.scalars(ScalarSet(scalar, ignoresCase: ignoresCase)))
            index += 1
        }
        return .sequence(items)
    }

    private enum Escaped { case scalar(Unicode.Scalar), part(ScalarSet.Part) }

    /// What may stand inside and outside of brackets; the backslash is behind us.
    private mutating func escaped(startingAt start: Int) throws(ExpressionError) -> Escaped {
        guard let scalar = peek else { throw error("a backslash stands at the end", at: start) }
        index += 1
        switch scalar {
        case "d", "D": return .part(.kind(.digit, isNegated: scalar == "D"))
        case "w", "W": return .part(.kind(.word, isNegated: scalar == "W"))
        case "s", "S": return .part(.kind(.space, isNegated: scalar == "S"))
        case "p", "P": return .part(.kind(try category(startingAt: start), isNegated: scalar == "P"))
        case "n": return .scalar("\n")
        case "r": return .scalar("\r")
        case "t": return .scalar("\t")
        case "f": return .scalar("\u{C}")
        case "v": return .scalar("\u{B}")
        case "a": return .scalar("\u{7}")
        case "e": return .scalar("\u{1B}")
        case "0": return .scalar("\0")
        case "x": return .scalar(try number(digits: 2, startingAt: start))
        case "u": return .scalar(try number(digits: 4, startingAt: start))
        case "U": return .scalar(try number(digits: 8, startingAt: start))
        default:
            guard !scalar.isASCII || !ScalarSet.isWord(scalar) || scalar == "_" else {
                throw error("the escape \\\(scalar) is not known", at: start)
            }
            return .scalar(scalar)
        }
    }

    /// A character by its number, in so many hexadecimal digits or any number of them in braces.
    private mutating func number(digits: Int, startingAt start: Int) throws(ExpressionError) -> Unicode.Scalar {
        var text = ""
        if skip("{") {
            while let scalar = peek, scalar != "}" {
                text.unicodeScalars.append(scalar)
                index += 1
            }
            index += 1
        } else {
            while text.utf8.count < digits, let scalar = peek, scalar.properties.isASCIIHexDigit {
                text.unicodeScalars.append(scalar)
                index += 1
            }
        }
        guard let scalar = UInt32(text, radix: 16).flatMap(Unicode.Scalar.init), index <= scalars.count else {
            throw error("the number names no character", at: start)
        }
        return scalar
    }

    private static let categories: Set<String> = [
        "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe",
        "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Cs", "Co", "Cn",
    ]

    /// The name behind `\p`: one letter, or letters in braces.
    private mutating func category(startingAt start: Int) throws(ExpressionError) -> ScalarSet.Kind {
        var name = ""
        if skip("{") {
            while let scalar = peek, scalar != "}" {
                name.unicodeScalars.append(scalar)
                index += 1
            }
            index += 1
        } else if let scalar = peek {
            name.unicodeScalars.append(scalar)
            index += 1
        }
        guard Self.categories.contains(name) else {
            throw error("\(name) is no general category such as L, Lu or Nd", at: start)
        }
        return .category(name)
    }

    // MARK: Brackets

    private mutating func set(startingAt start: Int) throws(ExpressionError) -> ScalarSet {
        var set = ScalarSet(parts: [], isNegated: skip("^"), ignoresCase: ignoresCase)
        var isFirst = true
        while let scalar = peek {
            let place = index
            if scalar == "]", !isFirst {
                index += 1
                return set
            }
            isFirst = false
            if let named = try named() {
                set.parts += named
                continue
            }
            switch try member() {
            case .part(let part): set.parts.append(part)
            case .scalar(let low):
                guard stands("-"), index + 1 < scalars.count, scalars[index + 1] != "]" else {
                    set.parts.append(.range(low...low))
                    continue
                }
                index += 1
                guard case .scalar(let high) = try member(), low <= high else {
                    throw error("the range is the wrong way round", at: place)
                }
                set.parts.append(.range(low...high))
            }
        }
        throw error("the brackets have no end", at: start)
    }

    private mutating func member() throws(ExpressionError) -> Escaped {
        let start = index
        guard let scalar = peek else { throw error("the brackets have no end", at: start) }
        index += 1
        guard scalar == "\\" else { return .scalar(scalar) }
        // In brackets this letter stands for a character, not for a place.
        if skip("b") { return .scalar("\u{8}") }
        return try escaped(startingAt: start)
    }

    private static let named: [String: [ScalarSet.Part]] = [
        "alpha": [.kind(.category("L"), isNegated: false)],
        "digit": [.kind(.digit, isNegated: false)],
        "alnum": [.kind(.category("L"), isNegated: false), .kind(.digit, isNegated: false)],
        "upper": [.kind(.category("Lu"), isNegated: false)],
        "lower": [.kind(.category("Ll"), isNegated: false)],
        "space": [.kind(.space, isNegated: false)],
        "blank": [.range(" "..." "), .range("\t"..."\t")],
        "punct": [.range("!"..."/"), .range(":"..."@"), .range("["..."`"), .range("{"..."~")],
        "cntrl": [.kind(.category("Cc"), isNegated: false)],
        "print": [.kind(.category("C"), isNegated: true)],
        "graph": [.range("!"..."~")],
        "word": [.kind(.word, isNegated: false)],
        "xdigit": [.range("0"..."9"), .range("a"..."f"), .range("A"..."F")],
    ]

    /// `[:alpha:]` and its like.
    private mutating func named() throws(ExpressionError) -> [ScalarSet.Part]? {
        let start = index
        guard skip("[:") else { return nil }
        var name = ""
        while let scalar = peek, !stands(":]"), scalar != "]" {
            name.unicodeScalars.append(scalar)
            index += 1
        }
        guard skip(":]") else {
            // Brackets within brackets are plain characters.
            index = start
            return nil
        }
        guard let parts = Self.named[name] else { throw error("there is no set [:\(name):]", at: start) }
        return parts
    }
}
