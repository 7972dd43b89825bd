/// Replaces `${NAME}` by the value of a variable.
enum Interpolation {
    /// Expands each reference once.
    ///
    /// Values are not expanded again; anything that is no reference stays as it is.
    ///
    /// - Returns: the text, and the names that had no value.
    static func expand(_ text: String, _ variables: [String: String]) -> (text: String, missing: [String]) {
        var result = ""
        var missing: [String] = []
        var rest = text[...]
        while let start = rest.firstRange(of: "${") {
            result += rest[..<start.lowerBound]
            let tail = rest[start.upperBound...]
            guard let end = tail.firstIndex(of: "}"), isName(tail[..<end]) else {
                result += "${"
                rest = tail
                continue
            }
            let name = String(tail[..<end])
            if let value = variables[name] { result += value } else { missing.append(name) }
            rest = tail[tail.index(after: end)...]
        }
        return (result + rest, missing)
    }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.unicodeScalars.first, isWord(first), !("0"..."9").contains(first) else { return false }
        return text.unicodeScalars.allSatisfy(isWord)
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "_"
    }
}
