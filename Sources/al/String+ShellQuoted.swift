import Domain

extension String {
    /// A path as a shell reads it.
    var quotedForShell: String {
        let isPlain = utf8.allSatisfy { $0.isLetterOrDigit || "/._-".utf8.contains($0) }
        return isPlain && !hasPrefix("-") ? self : "'\(replacing("'", with: "'\\''"))'"
    }
}
