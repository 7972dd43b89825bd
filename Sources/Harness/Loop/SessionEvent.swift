package import Domain
package import LanguageModels

/// What happens during a conversation, for the log of the run.
///
/// Texts are redacted already. Where a log line limits a length, the event obeys the limit.
package enum SessionEvent: Hashable, Sendable {
    case messageStart(role: String)
    /// Content of at most 500 characters.
    case messageEnd(role: String, content: String, stop: StopReason?)
    /// All text of one reply, trimmed; never empty.
    case assistant(text: String)
    /// At most 200 characters.
    case bash(command: String)
    case toolStart(tool: String)
    /// Length in UTF-8 bytes.
    case toolDone(tool: String, resultLength: Int)
    /// The command of `bash` (at most 200 characters) and at most 1000 characters of the result.
    case toolError(tool: String, command: String?, result: String)
    /// The calls of a reply are answered; at most 500 characters of the last answer.
    case turnEnd(result: String)
    /// Of one reply; `turns` is 0 for a request that brought none: a summary, a stream that broke.
    case turnUsage(turn: Int, model: String, usage: TokenUsage)
    /// A request is repeated after a pause; `attempt` counts from 1.
    case retry(attempt: Int, delay: Duration, error: ModelError)
    /// A chain of models goes on with its next one.
    case modelFallback(ModelFallback)
    case budgetWarning(BudgetStatus)
    case budgetSpent(BudgetStatus)
    case guardAborted(GuardStrike)
    case contextCompacted(tokensBefore: Int, tokensAfter: Int)
    /// Once for each name (`<type>.<field>`) of a session.
    case secretRedacted(name: String, tool: String)
    case warning(String)
    /// One line of the transcript.
    case transcript(JSONValue)
}

/// How far a budget is used up.
package struct BudgetStatus: Hashable, Sendable {
    /// The key of `[limits]`.
    package var budget: String
    /// Replies, tokens or USD.
    package var spent: Double
    package var limit: Double

    /// Collects the facts.
    package init(budget: String, spent: Double, limit: Double) {
        self.budget = budget
        self.spent = spent
        self.limit = limit
    }

    /// How much of the budget is spent, for people.
    package var sentence: String { "\(budget) is spent: \(Self.number(spent)) of \(amount(limit))" }

    /// An amount of what the budget counts.
    func amount(_ value: Double) -> String {
        let unit =
            switch budget {
            case "maxTurns": "replies"
            case "maxTokensPerRun": "tokens"
            default: "USD"
            }
        return "\(Self.number(value)) \(unit)"
    }

    /// At most four digits behind the point.
    private static func number(_ value: Double) -> String {
        let rounded = (value * 10000).rounded() / 10000
        return Int(exactly: rounded).map(String.init) ?? "\(rounded)"
    }
}

/// The failed tool result that was one too many.
package struct GuardStrike: Hashable, Sendable {
    /// Number of such results.
    package var count: Int
    /// The words that gave it away.
    package var pattern: String
    package var tool: String

    /// Collects the facts.
    package init(count: Int, pattern: String, tool: String) {
        self.count = count
        self.pattern = pattern
        self.tool = tool
    }
}
