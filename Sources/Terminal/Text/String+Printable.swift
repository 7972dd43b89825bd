import Domain

extension String {
    /// The text without anything that a terminal obeys instead of showing it.
    ///
    /// That is: escape sequences, control characters, marks that turn the direction of writing. A tab becomes blanks.
    package var printable: String {
        if utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return self }
        guard unicodeScalars.contains(where: { !$0.isShown }) else { return self }
        var result = String.UnicodeScalarView()
        var rest = unicodeScalars[...]
        while let scalar = rest.popFirst() {
            if scalar == "\u{1B}" {
                rest.dropEscapeSequence()
            } else if scalar == "\t" {
                result.append(contentsOf: "    ".unicodeScalars)
            } else if scalar.isShown {
                result.append(scalar)
            }
        }
        return String(result)
    }

    /// The lines of the text, each of them ``printable``.
    package var printableLines: String {
        if utf8.allSatisfy({ $0 == 0x0A || (0x20..<0x7F).contains($0) }) { return self }
        // Together they are one character, which is not equal to its second half.
        return split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.map { String($0).printable }
            .joined(separator: "\n")
    }

    /// The text as one line: line ends become blanks, so that nobody makes a line that looks like another's.
    package var oneLine: String {
        contains(where: \.isNewline) ? split(whereSeparator: \.isNewline).joined(separator: " ") : self
    }

    /// JSON in which what a terminal would obey is written as `\uXXXX`: the document stays the same.
    package var printableJSON: String { escapingJSON { !$0.isShown && $0 != "\n" } }
}

extension Substring.UnicodeScalarView {
    /// Drops what belongs to an Esc before it: to the final byte of a control sequence, to the end of a system command.
    fileprivate mutating func dropEscapeSequence() {
        switch popFirst() {
        case "[":
            while let scalar = popFirst(), !(0x40...0x7E).contains(scalar.value) {}
        case "]":
            while let scalar = popFirst(), scalar != "\u{7}" {
                guard scalar == "\u{1B}" else { continue }
                _ = popFirst()
                return
            }
        default: break
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isShown: Bool {
        switch value {
        case ..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: false
        default: true
        }
    }
}
