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

/// Prices of requests with a long prompt.
package struct PriceTier: Hashable, Sendable {
    /// Prompt tokens, cached ones included, from which on these prices count for the whole request.
    package var above: Int
    package var price: ModelPrice

    /// Collects both.
    package init(above: Int, price: ModelPrice) {
        self.above = above
        self.price = price
    }
}

extension ModelInfo {
    /// USD for one reply of this model; `nil` when its price is unknown.
    ///
    /// - Parameters:
    ///   - usage: the counts; its own cost is not looked at.
    ///   - longCacheWrite: how many of the cache writes are kept for an hour.
    /// - Returns: USD.
    package func cost(of usage: TokenUsage, longCacheWrite: Int = 0) -> Double? {
        let prompt = usage.input + usage.cacheRead + usage.cacheWrite
        let tier = tiers.filter { prompt > $0.above }.max { $0.above < $1.above }
        return (tier?.price ?? price)?.cost(of: usage, longCacheWrite: longCacheWrite)
    }
}

extension JSONValue {
    /// A number of tokens as a server reports it, kept within what can be added up; 0 when this is no number.
    var tokenCount: Int { TokenUsage.clamped(intValue ?? 0) }
}

extension TokenUsage {
    /// Stands in where a server counts nothing, marked as a guess; it costs nothing.
    static func estimate(prompt: Int, _ content: [Content]) -> TokenUsage {
        let output = content.reduce(0) { $0 + TokenEstimate.tokens(of: $1) }
        return TokenUsage(input: prompt, output: output, cost: 0, turns: 1, isEstimated: true)
    }
}
