extension String {
    /// JSON in which some of its characters are written as `\uXXXX`: the document stays the same.
    ///
    /// - Parameter isEscaped: none of them is beyond the first plane or outside of the document's strings.
    /// - Returns: the document.
    package func escapingJSON(where isEscaped: (Unicode.Scalar) -> Bool) -> String {
        guard unicodeScalars.contains(where: isEscaped) else { return self }
        return unicodeScalars.reduce(into: "") { text, scalar in
            if isEscaped(scalar) {
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
    }
}
