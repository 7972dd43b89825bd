import LanguageModels

extension Conversation {
    /// Lets a chain of models go on after a failure of one of them.
    ///
    /// - Returns: why it must not: a budget is used up, or the run ends.
    mutating func follow(_ change: ModelFallback, attempt: Int) async -> Outcome? {
        var change = change
        change.error.message = session.context.redact(change.error.message).0
        // What the failed request has cost is billed all the same.
        if let spent = change.error.usage { account(spent, model: change.error.model, isTurn: false) }
        if let status = budget.spent(usage) { return .budgetSpent(status) }
        guard change.from == change.to else {
            emit(.modelFallback(change))
            emit(.transcript(transcript.model(change, next: session.model.info)))
            return session.stopRequested() ? .stoppedBySignal : nil
        }
        return await wait(change.wait, attempt: attempt, after: change.error)
    }
}
