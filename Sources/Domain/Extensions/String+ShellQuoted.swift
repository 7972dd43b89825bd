extension String {
    /// The text as one word of a shell, whatever is in it; plain paths stay as they are.
    package var quotedForShell: String {
        let isPlain = !isEmpty && !hasPrefix("-") && utf8.allSatisfy { $0.isLetterOrDigit || "/._-".utf8.contains($0) }
        return isPlain ? self : "'\(replacing("'", with: #"'\''"#))'"
    }
}
