extension String {
    /// The longest beginning of whole Unicode scalars with at most so many bytes.
    package func cut(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        let end = utf8.index(startIndex, offsetBy: max(0, limit))
        return String(self[..<unicodeScalars.index(before: unicodeScalars.index(after: end))])
    }

    /// The text without white space at its ends.
    package var withoutOuterSpace: String {
        var text = self[...].drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
