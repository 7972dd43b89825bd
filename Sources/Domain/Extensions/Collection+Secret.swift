extension Collection where Element == UInt8 {
    /// Whether the bytes that somebody shows are this secret.
    ///
    /// All of them are compared whatever the first ones say, so that time tells nothing of the place of the first difference. It may
    /// tell the length, which is no secret.
    package func isSameSecret(as shown: some Collection<UInt8>) -> Bool {
        guard count == shown.count else { return false }
        return zip(self, shown).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
