package import Domain

extension ModelPrice {
    /// USD for the tokens of one reply.
    ///
    /// - Parameters:
    ///   - usage: the counts; its own cost is not looked at.
    ///   - longCacheWrite: how many of the cache writes are kept for an hour; they cost twice the input price.
    /// - Returns: USD.
    package func cost(of usage: TokenUsage, longCacheWrite: Int = 0) -> Double {
        let shortCacheWrite = max(0, usage.cacheWrite - longCacheWrite)
        let micro =
            Double(usage.input) * input + Double(usage.output) * output + Double(usage.cacheRead) * cacheRead
            + Double(shortCacheWrite) * cacheWrite + Double(longCacheWrite) * 2 * input
        return micro / 1_000_000
    }
}
