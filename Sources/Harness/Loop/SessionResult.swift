package import Domain
package import LanguageModels

/// How a conversation ended, and what it cost.
package struct SessionResult: Sendable {
    /// Why it ended.
    package enum Outcome: Hashable, Sendable {
        case finished
        /// A file asked for the end; which, the caller knows.
        case stoppedBySignal
        case guardAborted(GuardStrike)
        /// The text is for people; the code is `nil` where no request failed.
        case modelFailed(String, ModelError.Code?)
        /// Slow retries are spent, or the provider asked for a wait that is too long.
        case rateLimited(ModelError)
        case budgetSpent(BudgetStatus)
        case cancelled
    }

    package var outcome: Outcome
    /// Of all requests; `turns` counts the replies of the conversation.
    package var usage: TokenUsage
    /// Text of the last reply that had any, redacted.
    package var lastText: String
    package var turns: Int
    /// Characters of all reply texts together.
    package var outputLength: Int
    /// The transcript after its last line, for ``Transcript/end(outcome:exitCode:usage:)``.
    package var transcript: Transcript
}
