import LanguageModels

extension Conversation {
    /// Shortens the history when the next request would leave too little room for the reply.
    mutating func compactIfNeeded() async {
        let window = session.model.info.contextWindow
        let allowed = window - Compaction.reserve(window: window)
        guard contextTokens > allowed else { return }
        if !summariesFail, await compact() { return }
        // More than is needed now, so that not every further result is above the limit again; but no more than that of what the
        // model has not seen yet, which would ask for it again.
        dropResults(keepingLast: Compaction.unseenResults(messages), untilFreed: contextTokens - allowed + window / 4)
        dropResults(keepingLast: 0, untilFreed: contextTokens - allowed)
    }

    /// Makes room after the provider refused a request as too long: a summary first, then without tool results.
    ///
    /// - Returns: whether the request is worth repeating.
    mutating func relieve(tokens: Int) async -> Bool {
        overflows += 1
        switch overflows {
        case 1:
            if await compact() { return true }
            return dropResults(keepingLast: 0, untilFreed: tokens / 2)
        case 2: return dropResults(keepingLast: 2, untilFreed: .max)
        default: return false
        }
    }

    /// Replaces the older part of the history by a summary; false when there is none to be had.
    private mutating func compact() async -> Bool {
        let window = session.model.info.contextWindow
        let first = summary == nil ? 1 : 2
        let keep = Compaction.keepRecent(window: window)
        guard let cut = Compaction.cut(messages, from: first, keeping: keep) else { return false }
        let old = messages[first..<cut]
        let room = Compaction.reserve(window: window) * 4 / 5
        let request = ModelRequest(
            system: Compaction.system,
            messages: [.user(UserMessage([.text(Compaction.request(old, previous: summary))], timestamp: timestamp))],
            tools: [],
            maxOutputTokens: room,
            isCompaction: true
        )
        let reply: AssistantMessage
        switch await self.reply(to: request) {
        case .success(let summary): reply = summary
        case .failure(let end):
            if case .modelFailed(_, .filtered) = end.value { summariesFail = true }
            return false
        }
        account(reply.usage, model: reply.model, isTurn: false)
        replaceHistory(
            upTo: cut,
            CompactionFacts(
                before: contextTokens,
                after: 0,
                summary: session.context.redact(reply.text).0,
                files: session.context.redact(Compaction.fileLists(old)).0,
                keptFrom: sequences[cut],
                usage: reply.usage
            )
        )
        return true
    }

    private mutating func replaceHistory(upTo cut: Int, _ facts: CompactionFacts) {
        let text = facts.summary + facts.files
        let wrapped = Message.user(UserMessage([.text(Compaction.wrapped(text))], timestamp: timestamp))
        sequences = [sequences[0], transcript.nextSequence] + sequences[cut...]
        messages = [messages[0], wrapped] + messages[cut...]
        summary = text
        compacted(facts)
    }

    @discardableResult
    private mutating func dropResults(keepingLast kept: Int, untilFreed wanted: Int) -> Bool {
        let before = contextTokens
        guard Compaction.dropResults(&messages, keepingLast: kept, untilFreed: wanted) else { return false }
        compacted(CompactionFacts(before: before, after: 0, keptFrom: sequences[0]))
        return true
    }

    /// Estimates the new size and reports it.
    private mutating func compacted(_ facts: CompactionFacts) {
        contextTokens =
            TokenEstimate.tokens(system: session.system, tools: tools.definitions)
            + messages.reduce(0) { $0 + TokenEstimate.tokens(of: $1) }
        var facts = facts
        facts.after = contextTokens
        emit(.transcript(transcript.compaction(facts, messages: messages)))
        emit(.contextCompacted(tokensBefore: facts.before, tokensAfter: facts.after))
    }
}
