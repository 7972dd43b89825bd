/// Counts failures that no further attempt will mend: missing rights, bad keys.
struct ErrorGuard {
    private static let limit = 3
    private static let patterns = [
        "permission denied", "could not read from remote repository",
        "resource not accessible by personal access token", "bad credentials", "authentication failed",
        "the requested url returned error: 403", "denied to ",
    ]

    private var count = 0

    /// Looks at a failed result; one result counts once.
    ///
    /// - Returns: the strike that ends the run, if this was it.
    mutating func onFailure(_ text: String, tool: String) -> GuardStrike? {
        let lowered = text.lowercased()
        guard let pattern = Self.patterns.first(where: lowered.contains) else { return nil }
        count += 1
        return count >= Self.limit ? GuardStrike(count: count, pattern: pattern, tool: tool) : nil
    }
}
