import Domain
import Foundation
import LanguageModels

/// The state of a session while it runs, and the loop over it.
struct Conversation {
    typealias Outcome = SessionResult.Outcome

    let session: Session
    private(set) var tools: ToolRegistry
    var messages: [Message] = []
    var usage = TokenUsage()
    var transcript: Transcript
    /// Tokens of the next request: what the last reply reported, and an estimate of what came after it.
    var contextTokens: Int
    /// Index in the transcript of each message, for `keptFrom`.
    var sequences: [Int] = []
    var summary: String?
    var overflows = 0
    /// The model refuses summaries, or has no room for them: not worth what asking at every turn costs.
    var summariesFail = false
    var budget: BudgetState
    private var loop = LoopState()
    private var errorGuard = ErrorGuard()
    private var reportedSecrets: Set<String> = []
    private var warnedOfTruncation = false
    /// Whether the next reply is the first or follows tool results, notes behind them or not.
    private var answersTools = true
    private var lastText = ""
    private var outputLength = 0

    init(_ session: Session) {
        self.session = session
        tools = session.tools
        transcript = Transcript(redact: session.context.redact, now: session.now)
        budget = BudgetState(session.limits)
        contextTokens = TokenEstimate.tokens(system: session.system, tools: tools.definitions)
    }

    func result(_ outcome: Outcome) -> SessionResult {
        SessionResult(
            outcome: outcome,
            usage: usage,
            lastText: lastText,
            turns: usage.turns,
            outputLength: outputLength,
            transcript: transcript
        )
    }

    mutating func run() async -> Outcome {
        let outcome = await talk()
        if case .budgetSpent(let status) = outcome { emit(.budgetSpent(status)) }
        return outcome
    }

    private mutating func talk() async -> Outcome {
        emit(.transcript(transcript.session(session.header, system: session.system, tools: tools.definitions)))
        for message in session.history { enter(message) }
        say(session.prompt)
        while true {
            if let outcome = beforeRequest() { return outcome }
            await takeNewTools()
            await compactIfNeeded()
            let reply: AssistantMessage
            switch await nextReply() {
            case .failure(let outcome): return outcome.value
            case .success(let message): reply = message
            }
            if let outcome = await follow(reply) { return outcome }
        }
    }

    private mutating func takeNewTools() async {
        guard let new = await session.newTools() else { return }
        tools = new
        emit(.transcript(transcript.tools(tools.definitions, messages: messages)))
    }

    /// Acts on a reply.
    private mutating func follow(_ reply: AssistantMessage) async -> Outcome? {
        let step = loop.onReply(reply, answersTools: answersTools)
        answersTools = false
        overflows = 0
        warnOfTruncation(reply.usage)
        account(reply.usage, model: reply.model)
        append(.assistant(reply))
        if reply.usage.total > 0 { contextTokens = reply.usage.total }
        report(reply)
        switch step {
        case .finish: return .finished
        case .fail(let text): return .modelFailed(text, reply.stop == .refusal ? .filtered : nil)
        case .say(let text): say(text)
        case .askAgain: break
        case .runTools(let cutOff):
            let outcome = await runTools(reply.toolCalls, cutOff: cutOff)
            emit(.turnEnd(result: short(messages.last?.content ?? [], 500)))
            return outcome
        }
        return nil
    }

    private mutating func beforeRequest() -> Outcome? {
        if Task.isCancelled { return .cancelled }
        if session.stopRequested() { return .stoppedBySignal }
        if let status = budget.spent(usage) { return .budgetSpent(status) }
        for status in budget.newWarnings(usage) {
            emit(.budgetWarning(status))
            say(BudgetState.note(status))
        }
        if let note = budget.timeNote(left: session.timeLeft(), of: session.timeLimit) { say(note) }
        return nil
    }

    private mutating func runTools(_ calls: [ToolCall], cutOff: Set<Int>) async -> Outcome? {
        let context = session.context
        let batch = ToolBatch(calls, cutOff: cutOff, tools: tools, context: context)
        var strikes = errorGuard
        let isStopped = session.stopRequested
        let outcome = await batch.run(in: context, errorGuard: &strikes, isStopped: isStopped) { report($0) }
        errorGuard = strikes
        answersTools = true
        for (item, output) in zip(batch.items, outcome.outputs) {
            append(
                .toolResult(
                    ToolResultMessage(
                        callID: item.call.id,
                        toolName: item.call.name,
                        content: redacted(output, tool: item.call.name),
                        isError: output.isError,
                        timestamp: timestamp
                    )
                )
            )
        }
        if let strike = outcome.strike {
            emit(.guardAborted(strike))
            return .guardAborted(strike)
        }
        if Task.isCancelled { return .cancelled }
        return loop.onValidated(calls: calls.count, invalid: batch.invalidCount).map { .modelFailed($0, nil) }
    }

    mutating func account(_ spent: TokenUsage, model: String, isTurn: Bool = true) {
        var spent = spent
        spent.turns = isTurn ? 1 : 0
        usage = usage + spent
        emit(.turnUsage(turn: usage.turns, model: model, usage: spent))
    }

    // MARK: Messages

    mutating func say(_ text: String) {
        append(.user(UserMessage([.text(text)], timestamp: timestamp)))
    }

    private mutating func append(_ message: Message) {
        emit(.messageStart(role: message.role))
        let stop: StopReason? = if case .assistant(let reply) = message { reply.stop } else { nil }
        emit(.messageEnd(role: message.role, content: short(message.content, 500), stop: stop))
        enter(message)
    }

    /// Adds a message without saying so: what an earlier conversation brought was told there.
    private mutating func enter(_ message: Message) {
        messages.append(message)
        sequences.append(transcript.nextSequence)
        contextTokens += TokenEstimate.tokens(of: message)
        emit(.transcript(transcript.message(message)))
    }

    var timestamp: Int { session.now().epochMilliseconds }

    // MARK: Reports

    func emit(_ event: SessionEvent) { session.onEvent(event) }

    private mutating func report(_ reply: AssistantMessage) {
        let text = session.context.redact(reply.text.trimmingCharacters(in: .whitespacesAndNewlines)).0
        guard !text.isEmpty else { return }
        lastText = text
        outputLength += text.count
        emit(.assistant(text: text))
    }

    private func report(_ progress: ToolBatch.Progress) {
        switch progress {
        case .started(let item):
            if let command = command(of: item) { emit(.bash(command: command)) }
            emit(.toolStart(tool: item.call.name))
        case .ended(let item, let output) where output.isError:
            let result = short(output.content, 1000)
            emit(.toolError(tool: item.call.name, command: command(of: item), result: result))
        case .ended(let item, let output):
            emit(.toolDone(tool: item.call.name, resultLength: output.text.utf8.count))
        }
    }

    private func command(of item: ToolBatch.Item) -> String? {
        guard item.call.name.lowercased() == "bash", let command = item.arguments["command"]?.stringValue else {
            return nil
        }
        return short([.text(command)], 200)
    }

    private func short(_ content: [Content], _ limit: Int) -> String {
        String(session.context.redact(content.texts.joined(separator: "\n")).0.prefix(limit))
    }

    private mutating func redacted(_ output: ToolOutput, tool: String) -> [Content] {
        var names = output.redacted
        let content = output.content.map { part -> Content in
            guard case .text(var text) = part else { return part }
            let (clean, found) = session.context.redact(text.text)
            names.formUnion(found)
            text.text = clean
            return .text(text)
        }
        for name in names.sorted() where reportedSecrets.insert(name).inserted {
            emit(.secretRedacted(name: name, tool: tool))
        }
        return content
    }

    private mutating func warnOfTruncation(_ usage: TokenUsage) {
        let prompt = usage.input + usage.cacheRead + usage.cacheWrite
        let isShort = { (sent: Int) in sent > 8000 && Double(prompt) < 0.6 * Double(sent) }
        guard !warnedOfTruncation, prompt > 0, isShort(contextTokens) else { return }
        // What the model thought counts as output but mostly does not go back.
        let spoken = messages.flatMap(\.content).filter { if case .thinking = $0 { false } else { true } }
        let sent =
            TokenEstimate.tokens(system: session.system, tools: tools.definitions)
            + spoken.reduce(0) { $0 + TokenEstimate.tokens(of: $1) }
        guard isShort(sent) else { return }
        warnedOfTruncation = true
        emit(
            .warning(
                "The server saw \(prompt) prompt tokens of about \(sent): it seems to cut the conversation. "
                    + "Raise the server's window (Ollama: num_ctx) or set contextWindow of the model."
            )
        )
    }
}
