extension String {
    /// The text as one segment or value of a URL: everything but the unreserved characters of RFC 3986 is escaped.
    package var percentEncoded: String {
        utf8.reduce(into: "") { text, byte in
            if byte.isLetterOrDigit || "-._~".utf8.contains(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "%" + [byte].hexText.uppercased()
            }
        }
    }
}
