/// Characters that fit one place of an expression.
struct ScalarSet: Hashable {
    /// Sets that have a letter of their own.
    enum Kind: Hashable {
        case digit, word, space
        /// A general category by its one or two letters, such as `L` or `Lu`.
        case category(String)
    }

    /// What a set is made of.
    enum Part: Hashable {
        case range(ClosedRange<Unicode.Scalar>)
        case kind(Kind, isNegated: Bool)
    }

    var parts: [Part]
    var isNegated = false
    var ignoresCase = false

    /// Every character; lines are searched one at a time, so that there are no line breaks.
    static let any = ScalarSet(parts: [], isNegated: true)

    init(parts: [Part], isNegated: Bool = false, ignoresCase: Bool = false) {
        self.parts = parts
        self.isNegated = isNegated
        self.ignoresCase = ignoresCase
    }

    /// A single character.
    init(_ scalar: Unicode.Scalar, ignoresCase: Bool) {
        self.init(parts: [.range(scalar...scalar)], ignoresCase: ignoresCase)
    }

    /// Whether a character is one of them.
    func contains(_ scalar: Unicode.Scalar) -> Bool { holds(scalar) != isNegated }

    private func holds(_ scalar: Unicode.Scalar) -> Bool {
        if parts.contains(where: { $0.holds(scalar) }) { return true }
        guard ignoresCase else { return false }
        return Self.otherCases(scalar).contains { other in parts.contains { $0.holds(other) } }
    }

    private static func otherCases(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        let properties = scalar.properties
        // What becomes several characters in the other case has no partner here.
        return [properties.lowercaseMapping, properties.uppercaseMapping].compactMap { text in
            let scalars = text.unicodeScalars
            return scalars.count == 1 ? scalars.first : nil
        }
    }

    /// Whether a character is part of a word.
    static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.isASCII else {
            return scalar == "_" || ("0"..."9").contains(scalar) || ("a"..."z").contains(scalar)
                || ("A"..."Z").contains(scalar)
        }
        return scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal
            || category(scalar).hasPrefix("M") || category(scalar) == "Pc"
    }

    /// The two letters of a character's general category.
    fileprivate static func category(_ scalar: Unicode.Scalar) -> String {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter: "Lu"
        case .lowercaseLetter: "Ll"
        case .titlecaseLetter: "Lt"
        case .modifierLetter: "Lm"
        case .otherLetter: "Lo"
        case .nonspacingMark: "Mn"
        case .spacingMark: "Mc"
        case .enclosingMark: "Me"
        case .decimalNumber: "Nd"
        case .letterNumber: "Nl"
        case .otherNumber: "No"
        case .connectorPunctuation: "Pc"
        case .dashPunctuation: "Pd"
        case .openPunctuation: "Ps"
        case .closePunctuation: "Pe"
        case .initialPunctuation: "Pi"
        case .finalPunctuation: "Pf"
        case .otherPunctuation: "Po"
        case .mathSymbol: "Sm"
        case .currencySymbol: "Sc"
        case .modifierSymbol: "Sk"
        case .otherSymbol: "So"
        case .spaceSeparator: "Zs"
        case .lineSeparator: "Zl"
        case .paragraphSeparator: "Zp"
        case .control: "Cc"
        case .format: "Cf"
        case .surrogate: "Cs"
        case .privateUse: "Co"
        case .unassigned: "Cn"
        @unknown default: "Cn"
        }
    }
}

extension ScalarSet.Part {
    fileprivate func holds(_ scalar: Unicode.Scalar) -> Bool {
        switch self {
        case .range(let range): range.contains(scalar)
        case .kind(let kind, let isNegated): kind.holds(scalar) != isNegated
        }
    }
}

extension ScalarSet.Kind {
    fileprivate func holds(_ scalar: Unicode.Scalar) -> Bool {
        switch self {
        case .digit: scalar.properties.numericType == .decimal
        case .word: ScalarSet.isWord(scalar)
        case .space: scalar.properties.isWhitespace
        case .category(let name): ScalarSet.category(scalar).hasPrefix(name)
        }
    }
}
