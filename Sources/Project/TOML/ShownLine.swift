/// A line that a syntax error is about, as it may be shown.
///
/// While a file cannot be read nothing tells which of its words are secrets, so that all values are masked: of a line remain
/// its key and what brackets, quotes and commas stand in it.
struct ShownLine: Hashable {
    let text: String
    /// How many characters stand before the place of the error.
    let indent: Int

    /// Masks a line.
    ///
    /// - Parameters:
    ///   - line: as it stands in the file.
    ///   - column: place of the error, from 1.
    ///   - before: the document as far as the line.
    init(_ line: Substring, column: Int, after before: Substring) {
        // What begins inside of a text of several lines has no key.
        let isInsideText = ["\"\"\"", "'''"].contains { before.ranges(of: $0).count % 2 == 1 }
        let plain = isInsideText ? 0 : Self.plainPart(of: line)
        let masked = { (part: Substring) in String(part.prefix(plain)) + Self.masked(part.dropFirst(plain)) }
        text = masked(line)
        indent = masked(line.prefix(max(0, column - 1))).count
    }

    /// The parser's reason without the number that it repeats in one of them.
    static func reason(_ text: String) -> String {
        text.replacing(/'[^']*' is not representable/) { _ in "'***' is not representable" }
    }

    /// How many characters at the beginning are a bare key with its `=`, or the header of a table.
    private static func plainPart(of line: Substring) -> Int {
        if let header = line.wholeMatch(of: /\s*\[{1,2}[A-Za-z0-9_. -]*\]{0,2}\s*/) { return header.output.count }
        // Padding of base64 makes no key of it.
        let key = line.prefixMatch(of: /\s*[A-Za-z0-9_.-]+(\s+=|=(?!=|\s*$))/)
        return key?.output.0.count ?? 0
    }

    private static func masked(_ part: Substring) -> String {
        var result = ""
        var quote: Character?
        var isEscaped = false
        var isInWord = false
        for character in part {
            if let open = quote {
                let isEnd = character == open && !isEscaped
                isEscaped = character == "\\" && open == "\"" && !isEscaped
                if isEnd { (quote, isInWord) = (nil, false) }
                if isEnd { result.append(character) }
                if !isEnd, !isInWord { (result, isInWord) = (result + mask, true) }
            } else if "\"'".contains(character) {
                result.append(character)
                (quote, isInWord) = (character, false)
            } else if "=[]{},#".contains(character) || character.isWhitespace {
                result.append(character)
                isInWord = false
            } else if !isInWord {
                (result, isInWord) = (result + mask, true)
            }
        }
        return result
    }

    private static let mask = "***"
}
