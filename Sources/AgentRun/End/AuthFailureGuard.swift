/// Ends runs whose tools fail again and again for want of a permission that nobody will give them.
struct AuthFailureGuard: Hashable, Sendable {
    /// Failures that end the run.
    static let limit = 3

    private static let patterns = [
        "permission denied", "could not read from remote repository",
        "resource not accessible by personal access token",
        "bad credentials", "authentication failed", "the requested url returned error: 403", "denied to ",
    ]

    private(set) var count = 0

    /// Looks at the text of a failed tool result; it counts once, however many patterns it holds.
    ///
    /// - Returns: the pattern, when the limit is reached.
    mutating func note(failure text: String) -> String? {
        let lowercased = text.lowercased()
        guard let pattern = Self.patterns.first(where: lowercased.contains) else { return nil }
        count += 1
        return count >= Self.limit ? pattern : nil
    }
}
