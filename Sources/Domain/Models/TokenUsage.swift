/// Tokens and money spent on model replies.
package struct TokenUsage: Hashable, Sendable {
    /// Uncached prompt tokens.
    package var input: Int
    /// All output tokens, reasoning included.
    package var output: Int
    package var cacheRead: Int
    package var cacheWrite: Int
    /// USD; `nil` when the price of a model is unknown.
    package var cost: Double?
    /// Number of assistant replies.
    package var turns: Int
    /// Whether counts are guesses, at least in part: a server counted nothing.
    package var isEstimated: Bool

    /// Collects counts.
    package init(
        input: Int = 0,
        output: Int = 0,
        cacheRead: Int = 0,
        cacheWrite: Int = 0,
        cost: Double? = 0,
        turns: Int = 0,
        isEstimated: Bool = false
    ) {
        self.input = input
        self.output = output
        self.cacheRead = cacheRead
        self.cacheWrite = cacheWrite
        self.cost = cost
        self.turns = turns
        self.isEstimated = isEstimated
    }

    /// Tokens of every kind.
    package var total: Int { input + output + cacheRead + cacheWrite }

    /// Adds two usages; a cost that is unknown on one side stays unknown.
    package static func + (left: TokenUsage, right: TokenUsage) -> TokenUsage {
        TokenUsage(
            input: left.input + right.input,
            output: left.output + right.output,
            cacheRead: left.cacheRead + right.cacheRead,
            cacheWrite: left.cacheWrite + right.cacheWrite,
            cost: left.cost.flatMap { cost in right.cost.map { cost + $0 } },
            turns: left.turns + right.turns,
            isEstimated: left.isEstimated || right.isEstimated
        )
    }
}

extension TokenUsage {
    /// The usage object of the gateway's status API and of the `token-usage` log line (`cost` is null when unknown;
    /// `estimated` is there only when it is true).
    package var json: JSONValue {
        .object([
            "inputTokens": .int(input), "outputTokens": .int(output), "cacheReadTokens": .int(cacheRead),
            "cacheWriteTokens": .int(cacheWrite), "totalTokens": .int(total),
            "cost": cost.map(JSONValue.double) ?? .null,
            "turnCount": .int(turns), "estimated": isEstimated ? true : nil,
        ])
    }

    /// Reads the object of ``json``; absent counts are 0, a missing or null cost is unknown.
    package init(json: JSONValue) {
        self.init(
            input: json["inputTokens"]?.intValue ?? 0,
            output: json["outputTokens"]?.intValue ?? 0,
            cacheRead: json["cacheReadTokens"]?.intValue ?? 0,
            cacheWrite: json["cacheWriteTokens"]?.intValue ?? 0,
            cost: json["cost"]?.doubleValue,
            turns: json["turnCount"]?.intValue ?? 0,
            isEstimated: json["estimated"]?.boolValue ?? false
        )
    }
}
