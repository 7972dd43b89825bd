import Domain
import Synchronization

/// What a session tells the host, and what of it the end of the run needs.
final class RunReporter: Sendable {
    /// What is known so far.
    struct State: Sendable {
        var usage = TokenUsage()
        var events = 0
        /// The model's last text.
        var summary = ""
        var strikes = AuthFailureGuard()
        var isClosed = false
        /// What was set aside to be called when a limit is reached.
        var abortPattern: String?
    }

    let log: RunLog
    let transcript: TranscriptLog
    private let state = Mutex(State())

    init(log: RunLog) {
        self.log = log
        transcript = TranscriptLog(log: log)
    }

    var usage: TokenUsage { state.withLock { $0.usage } }
    var eventCount: Int { state.withLock { $0.events } }
    var summary: String { state.withLock { $0.summary } }
    var isAborted: Bool { state.withLock { $0.abortPattern != nil } }

    /// Closes the report; true for the first who does.
    func close() -> Bool {
        state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
    }

    func event(_ type: String, _ fields: KeyValuePairs<String, JSONValue?> = [:]) {
        let count = state.withLock { state in
            state.events += 1
            return state.events
        }
        var all: [(String, JSONValue?)] = [("type", .string(type)), ("eventCount", .int(count))]
        all += fields.map { ($0.key, $0.value) }
        log.line(.debug, "event", fields: all)
    }

    /// A whole reply of the model.
    func assistant(_ text: String) {
        guard let first = text.firstIndex(where: { !$0.isWhitespace }),
            let last = text.lastIndex(where: { !$0.isWhitespace })
        else { return }
        let trimmed = String(text[first...last])
        state.withLock { $0.summary = trimmed }
        log.line(.info, "assistant", ["text": .string(trimmed)])
    }

    /// Adds the usage of one reply.
    func account(_ usage: TokenUsage, model: String) {
        let turn = state.withLock { state in
            state.usage = state.usage + usage
            return state.usage.turns
        }
        var fields: [(String, JSONValue?)] = [("turn", .int(turn)), ("model", .string(model))]
        fields += (usage.json.members).map { ($0.key, .some($0.value)) }
        log.line(.debug, "turn-usage", fields: fields)
    }

    func toolStart(_ tool: String, command: String?) {
        if let command { log.line(.info, "bash", ["cmd": .string(command.cut(to: 200))]) }
        log.line(.debug, "tool start", ["tool": .string(tool)])
    }

    /// The result of a tool call; the third unrecoverable failure is remembered as the reason to abort.
    ///
    /// - Returns: whether the run has to be aborted now.
    @discardableResult
    func toolEnd(_ tool: String, command: String?, text: String, isError: Bool) -> Bool {
        guard isError else {
            log.line(.debug, "tool done", ["tool": .string(tool), "resultLength": .int(text.count)])
            return false
        }
        log.line(
            .error,
            "tool error",
            [
                "tool": .string(tool), "cmd": command.map { .string($0.cut(to: 200)) },
                "result": .string(text.cut(to: 1000)),
            ]
        )
        let strike: (pattern: String, count: Int)? = state.withLock { state in
            guard state.abortPattern == nil, let pattern = state.strikes.note(failure: text) else { return nil }
            state.abortPattern = pattern
            return (pattern, state.strikes.count)
        }
        guard let strike else { return false }
        log.line(
            .error,
            "aborting after repeated auth failures",
            ["count": .int(strike.count), "pattern": .string(strike.pattern), "tool": .string(tool)]
        )
        return true
    }
}
