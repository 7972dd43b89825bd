extension String {
    /// Whether a text that somebody shows is this secret.
    ///
    /// All bytes are compared whatever the first of them say, so that time tells nothing of the place of the first difference. It
    /// may tell the length, which is no secret.
    package func isSameSecret(as shown: String) -> Bool {
        guard utf8.count == shown.utf8.count else { return false }
        return zip(utf8, shown.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
