/// Tokens and money spent on model replies.
///
/// Counts stay between 0 and ``largestCount``, costs between 0 and ``largestCost``: whoever tells them, adding them up ends no
/// process.
package struct TokenUsage: Hashable, Sendable {
    /// More tokens than anybody counts; so few that sums of sums are still numbers.
    package static let largestCount = 1 << 40
    /// USD that nobody spends.
    package static let largestCost = 1e9

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

    /// Collects counts; what is out of range is the nearest in range.
    package init(
        input: Int = 0,
        output: Int = 0,
        cacheRead: Int = 0,
        cacheWrite: Int = 0,
        cost: Double? = 0,
        turns: Int = 0,
        isEstimated: Bool = false
    ) {
        self.input = Self.clamped(input)
        self.output = Self.clamped(output)
        self.cacheRead = Self.clamped(cacheRead)
        self.cacheWrite = Self.clamped(cacheWrite)
        self.cost = cost.map { min(max(0, $0), Self.largestCost) }
        self.turns = Self.clamped(turns)
        self.isEstimated = isEstimated
    }

    /// The nearest number of tokens that can be added up.
    package static func clamped(_ count: Int) -> Int { min(max(0, count), largestCount) }

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

    /// A cost in USD as somebody else tells it; `nil` when it is none.
    package static func cost(toldBy json: JSONValue?) -> Double? {
        json?.doubleValue.flatMap { (0...largestCost).contains($0) ? $0 : nil }
    }

    /// Reads the object of ``json``; absent counts are 0, a cost that is missing, null or impossible is unknown.
    package init(json: JSONValue) {
        self.init(
            input: json["inputTokens"]?.intValue ?? 0,
            output: json["outputTokens"]?.intValue ?? 0,
            cacheRead: json["cacheReadTokens"]?.intValue ?? 0,
            cacheWrite: json["cacheWriteTokens"]?.intValue ?? 0,
            cost: Self.cost(toldBy: json["cost"]),
            turns: json["turnCount"]?.intValue ?? 0,
            isEstimated: json["estimated"]?.boolValue ?? false
        )
    }
}
