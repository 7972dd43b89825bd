import Domain
import Harness
import LanguageModels
import Synchronization

/// Turns what happens in a session into lines of the log, and remembers what the end of the run needs.
final class RunReporter: Sendable {
    private struct State: Sendable {
        var usage = TokenUsage()
        var events = 0
        /// The model's last text.
        var summary = ""
        var outputLength = 0
        /// Continues the transcript, once the session is over.
        var transcript: Transcript?
    }

    let log: RunLog
    private let transcript: TranscriptLog
    private let state = Mutex(State())
    private let isClosed = Mutex(false)

    init(log: RunLog) {
        self.log = log
        transcript = TranscriptLog(log: log)
    }

    var usage: TokenUsage { state.withLock { $0.usage } }
    var eventCount: Int { state.withLock { $0.events } }
    var summary: String { state.withLock { $0.summary } }
    var outputLength: Int { state.withLock { $0.outputLength } }

    /// Closes the report: the first who does writes its end, whoever comes meanwhile waits until it is written.
    func close(_ writeEnd: () -> Void) {
        isClosed.withLock { isClosed in
            guard !isClosed else { return }
            writeEnd()
            isClosed = true
        }
    }

    /// Takes over what only the whole session knows.
    func sessionEnded(_ result: SessionResult) {
        state.withLock { state in
            state.usage = result.usage
            state.summary = result.lastText
            state.outputLength = result.outputLength
            state.transcript = result.transcript
        }
    }

    /// Writes the last line of the transcript, where there is one.
    func endTranscript(outcome: String, exitCode: Int) {
        let line = state.withLock { state in
            let usage = state.usage
            return state.transcript?.end(outcome: outcome, exitCode: exitCode, usage: usage)
        }
        if let line { transcript.write(line) }
    }

    /// Reports one event.
    func report(_ event: SessionEvent) {
        state.withLock { $0.events += 1 }
        switch event {
        case .messageStart(let role): self.event("message_start", ["role": .string(role)])
        case .messageEnd(let role, let content, let stop):
            self.event(
                "message_end",
                [
                    "role": .string(role), "content": .string(content),
                    "stopReason": stop.map { .string($0.rawValue) },
                ]
            )
        case .turnEnd(let result): self.event("turn_end", ["turnResult": .string(result)])
        case .assistant(let text):
            state.withLock { $0.summary = text }
            log.line(.info, "assistant", ["text": .string(text)])
        case .bash(let command): log.line(.info, "bash", ["cmd": .string(command)])
        case .toolStart(let tool): log.line(.debug, "tool start", ["tool": .string(tool)])
        case .toolDone(let tool, let length):
            log.line(.debug, "tool done", ["tool": .string(tool), "resultLength": .int(length)])
        case .toolError(let tool, let command, let result):
            log.line(
                .error,
                "tool error",
                ["tool": .string(tool), "cmd": command.map(JSONValue.string), "result": .string(result)]
            )
        case .turnUsage(let turn, let model, let usage): turnUsage(turn, model, usage)
        case .retry(let attempt, let delay, let error):
            let isRate = error.code == .rateLimit || error.code == .overloaded
            log.line(
                .warn,
                isRate ? "rate limited, retrying prompt" : "model request failed, retrying",
                [
                    "attempt": .int(attempt), "delayMs": .int(delay.milliseconds), "error": .string(error.message),
                ]
            )
        case .transcript(let line): transcript.write(line)
        default: reportRare(event)
        }
    }

    private func reportRare(_ event: SessionEvent) {
        switch event {
        case .budgetWarning(let status): log.line(.warn, "budget warning", status.fields)
        case .budgetSpent(let status): log.line(.error, "budget spent", status.fields)
        case .modelFallback(let change): fallback(change)
        case .guardAborted(let strike):
            log.line(
                .error,
                "aborting after repeated auth failures",
                ["count": .int(strike.count), "pattern": .string(strike.pattern), "tool": .string(strike.tool)]
            )
        case .contextCompacted(let before, let after):
            log.line(.info, "context compacted", ["tokensBefore": .int(before), "tokensAfter": .int(after)])
        case .secretRedacted(let name, let tool):
            let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
            log.line(
                .warn,
                "secret redacted",
                [
                    "type": .string(parts.first ?? name), "field": parts.count > 1 ? .string(parts[1]) : nil,
                    "tool": .string(tool),
                ]
            )
        case .warning(let text): log.line(.warn, text)
        default: break
        }
    }

    private func fallback(_ change: ModelFallback) {
        if change.needsAttention {
            log.line(
                .error,
                "model cannot be used",
                ["model": .string(change.from), "error": .string(change.error.message)]
            )
        }
        log.line(
            .warn,
            "model fallback",
            ["from": .string(change.from), "to": .string(change.to), "reason": .string(change.reason)]
        )
    }

    private func event(_ type: String, _ fields: KeyValuePairs<String, JSONValue?>) {
        let all: [(String, JSONValue?)] = [("type", .string(type)), ("eventCount", .int(eventCount))]
        log.line(.debug, "event", fields: all + fields.map { ($0.key, $0.value) })
    }

    private func turnUsage(_ turn: Int, _ model: String, _ usage: TokenUsage) {
        state.withLock { $0.usage = $0.usage + usage }
        let all: [(String, JSONValue?)] = [("turn", .int(turn)), ("model", .string(model))]
        log.line(.debug, "turn-usage", fields: all + usage.json.members.map { ($0.key, .some($0.value)) })
    }
}

extension BudgetStatus {
    fileprivate var fields: KeyValuePairs<String, JSONValue?> {
        ["budget": .string(budget), "spent": .double(spent), "limit": .double(limit)]
    }
}
