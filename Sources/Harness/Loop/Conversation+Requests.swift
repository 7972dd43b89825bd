import Domain
import LanguageModels

/// An outcome thrown where only errors can travel.
struct Ended: Error {
    let value: SessionResult.Outcome
}

extension Conversation {
    static let overflowText = """
        The conversation does not fit into the model's window even without its tool results. Give the agent a smaller task, \
        or a model with a larger window (contextWindow).
        """

    /// Asks for the next reply, repeating and shortening as the rules allow.
    mutating func nextReply() async -> Result<AssistantMessage, Ended> {
        while true {
            let request = ModelRequest(
                system: session.system,
                messages: messages,
                tools: tools.definitions
            )
            switch await reply(to: request) {
            case .success(let reply): return .success(reply)
            case .failure(let end):
                guard case .modelFailed(_, .overflow) = end.value else { return .failure(end) }
                guard await relieve(tokens: contextTokens) else {
                    return .failure(Ended(value: .modelFailed(Self.overflowText, .overflow)))
                }
            }
        }
    }

    /// One request with its repetitions, also to the other models of a chain.
    ///
    /// The limit of the reply is that of the request, else the model's own, less where a budget leaves less.
    mutating func reply(to wanted: ModelRequest) async -> Result<AssistantMessage, Ended> {
        var request = wanted
        var policy = RetryPolicy()
        var attempt = 1
        while true {
            if let status = budget.spent(usage) { return .failure(Ended(value: .budgetSpent(status))) }
            let turn = usage.turns + 1
            let info = session.model.info
            let limit = outputLimit(wanted, info)
            let room = budget.outputLimit(usage, prompt: contextTokens, modelLimit: limit ?? info.maxOutputTokens)
            request.maxOutputTokens = room ?? limit
            if !request.isCompaction {
                let line = transcript.request(
                    turn: turn,
                    attempt: attempt,
                    model: info,
                    messages: request.messages.count
                )
                emit(.transcript(line))
            }
            do {
                let reply = try await session.model.reply(to: request) { _ in }
                if let failure = reply.failure(isSummary: request.isCompaction) { throw failure }
                guard Task.isCancelled else { return .success(reply) }
                account(reply.usage, model: reply.model, isTurn: false)
                return .failure(Ended(value: .cancelled))
            } catch let change as ModelFallback where !Task.isCancelled {
                if let end = await follow(change, attempt: attempt) { return .failure(Ended(value: end)) }
            } catch let error as ModelError {
                // What broke in the middle, or was cancelled there, is billed all the same.
                if let spent = error.usage { account(spent, model: error.model, isTurn: false) }
                if Task.isCancelled { return .failure(Ended(value: .cancelled)) }
                if let status = budget.spent(usage) { return .failure(Ended(value: .budgetSpent(status))) }
                if let end = await pause(after: error, &policy) { return .failure(Ended(value: end)) }
            } catch is CancellationError {
                return .failure(Ended(value: .cancelled))
            } catch {
                if Task.isCancelled { return .failure(Ended(value: .cancelled)) }
                return .failure(Ended(value: .modelFailed(session.context.redact("\(error)").0, nil)))
            }
            attempt += 1
        }
    }

    /// The limit of a reply: what was asked for, or what the window has room for; `nil` = the model's own.
    ///
    /// Some providers refuse a request whose prompt and output limit together pass the window.
    private func outputLimit(_ wanted: ModelRequest, _ info: ModelInfo) -> Int? {
        if wanted.isCompaction { return wanted.maxOutputTokens }
        let room = max(Self.leastOutput, info.contextWindow - contextTokens)
        return room < info.maxOutputTokens ? room : nil
    }

    private static let leastOutput = 1024

    /// Waits before a repetition, or says why there is none.
    private mutating func pause(after error: ModelError, _ policy: inout RetryPolicy) async -> Outcome? {
        var error = error
        error.message = session.context.redact(error.message).0
        switch policy.onFailure(error, random: session.random(), timeLeft: session.timeLeft()) {
        case .giveUpOnRate: return .rateLimited(error)
        case .fail:
            // A replay has to meet what changed the conversation, and what was billed although it was of no use.
            if error.code == .overflow || error.usage != nil {
                emit(.transcript(transcript.retry(error, delay: .zero)))
            }
            return .modelFailed(error.sentence, error.code)
        case .wait(let delay, let attempt): return await wait(delay, attempt: attempt, after: error)
        }
    }

    /// Waits before a repetition.
    ///
    /// - Returns: why there is none after all.
    mutating func wait(_ delay: Duration, attempt: Int, after error: ModelError) async -> Outcome? {
        emit(.retry(attempt: attempt, delay: delay, error: error))
        emit(.transcript(transcript.retry(error, delay: delay)))
        do { try await session.clock.sleep(for: delay) } catch { return .cancelled }
        return session.stopRequested() ? .stoppedBySignal : nil
    }
}

extension AssistantMessage {
    /// A reply that is none, as the failure it is: it never enters the history.
    ///
    /// The window was full; or a summary was refused, cut off or left empty, and must not take the place of what it is about.
    fileprivate func failure(isSummary: Bool) -> ModelError? {
        func failed(_ code: ModelError.Code, _ message: String) -> ModelError {
            ModelError(code: code, provider: provider, model: model, message: message, usage: usage)
        }
        if stop == .contextFull { return failed(.overflow, "the model's window is full") }
        guard isSummary, stop != .stop || text.isEmpty else { return nil }
        return failed(.filtered, "no summary: the reply ended with \(stop.rawValue)")
    }
}

extension ModelError {
    /// Provider, model, status, message and request id in one line.
    package var sentence: String {
        var text = "\(provider.rawValue)/\(model): \(code.rawValue)"
        if let status { text += " (HTTP \(status))" }
        text += ": \(message)"
        if let requestID { text += " [request \(requestID)]" }
        if let retryAfter, retryAfter > .zero { text += " [retry after \(retryAfter.components.seconds) s]" }
        return text
    }
}
