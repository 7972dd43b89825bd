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
            let limit = wanted.maxOutputTokens ?? info.maxOutputTokens
            let room = budget.outputLimit(usage, prompt: contextTokens, modelLimit: limit)
            request.maxOutputTokens = room ?? wanted.maxOutputTokens
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
                if Task.isCancelled { return .failure(Ended(value: .cancelled)) }
                guard reply.stop == .contextFull else { return .success(reply) }
                throw reply.overflow
            } catch let change as ModelFallback where !Task.isCancelled {
                if let end = await follow(change, attempt: attempt) { return .failure(Ended(value: end)) }
            } catch let error as ModelError where !Task.isCancelled {
                // What broke in the middle is billed all the same.
                if let spent = error.usage { account(spent, model: error.model, isTurn: false) }
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

    /// Waits before a repetition, or says why there is none.
    private mutating func pause(after error: ModelError, _ policy: inout RetryPolicy) async -> Outcome? {
        var error = error
        error.message = session.context.redact(error.message).0
        switch policy.onFailure(error, random: session.random(), timeLeft: session.timeLeft()) {
        case .giveUpOnRate: return .rateLimited(error)
        case .fail:
            if error.code == .overflow { emit(.transcript(transcript.retry(error, delay: .zero))) }
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
    /// A reply that ended because the window was full, as the failure it is: it never enters the history.
    fileprivate var overflow: ModelError {
        ModelError(
            code: .overflow,
            provider: provider,
            model: model,
            message: "the model's window is full",
            usage: usage
        )
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
