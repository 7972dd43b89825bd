package import Domain

extension ModelConfig {
    /// The configuration for a run whose `localhost` is not the machine on which the server listens.
    ///
    /// - Parameter host: the machine's name inside the run.
    /// - Returns: `nil` when the server is not on `localhost`, `127.0.0.1` or `::1`.
    package func movedFromLocalhost(to host: String) -> ModelConfig? {
        guard let url = baseURL,
            let match = url.wholeMatch(of: #/(https?://)(localhost|127\.0\.0\.1|\[::1\])((?:[:/].*)?)/#)
        else { return nil }
        var moved = self
        moved.baseURL = "\(match.1)\(host)\(match.3)"
        return moved
    }
}
