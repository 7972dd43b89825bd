import Domain
import LanguageModels
import Synchronization

/// Holds the lines of a record against those of its replay, one after the other.
final class ReplayComparison: Sendable {
    private struct State {
        /// What is still to come.
        var expected: ArraySlice<JSONValue>
        var recordedForm = CanonicalForm()
        var replayedForm = CanonicalForm()
        var turns = 0
        var calls = 0
        var difference: ReplayReport.Difference?
    }

    private static let shown = 2000

    private let state: Mutex<State>

    init(_ run: RecordedRun) {
        state = Mutex(State(expected: ([run.header] + run.lines).filter(Self.isCompared)[...]))
    }

    /// Whether there is nothing more to compare.
    var isOver: Bool { state.withLock { $0.difference != nil || $0.expected.isEmpty } }

    /// The seconds in the note that the time is nearly over, if the record goes on with it: replays have no time of their own.
    var secondsInNextNote: Int? {
        state.withLock { state in
            guard case .user(let message) = (state.expected.first?["message"]).flatMap(Message.init(json:)) else {
                return nil
            }
            let text = ToolOutput(message.content).text
            guard text.hasPrefix(BudgetState.timeNoteBeginning) else { return nil }
            return text.dropFirst(BudgetState.timeNoteBeginning.count).split(separator: " ").first.flatMap { Int($0) }
        }
    }

    /// Names of the tools that the record takes up next, if that is what comes next.
    var nextTools: [JSONValue]? {
        state.withLock { state in
            guard let line = state.expected.first, line["type"] == "tools" else { return nil }
            return line["tools"]?.arrayValue
        }
    }

    /// Compares the replay's next line.
    func look(at line: JSONValue) {
        guard Self.isCompared(line) else { return }
        state.withLock { state in
            guard state.difference == nil, let recorded = state.expected.popFirst() else { return }
            let turn = state.turns + 1
            state.difference = Self.difference(recorded, line, &state).map { what, then, now in
                ReplayReport.Difference(
                    turn: turn,
                    what: what,
                    recorded: String(then.prefix(Self.shown)),
                    replayed: String(now.prefix(Self.shown))
                )
            }
            guard state.difference == nil, line["message"]?["role"] == "assistant" else { return }
            state.turns += 1
            let parts = line["message"]?["content"]?.arrayValue ?? []
            state.calls += parts.filter { $0["type"] == "toolCall" }.count
        }
    }

    /// Sums up once the replay is over.
    func report(outcome: SessionResult.Outcome) -> ReplayReport {
        state.withLock { state in
            // A request without reply ends many a record: the run was stopped, or the provider failed for good.
            if state.difference == nil, let next = state.expected.first(where: { $0["type"] != "request" }) {
                state.difference = ReplayReport.Difference(
                    turn: state.turns + 1,
                    what: "end of the conversation",
                    recorded: String(Self.text(next).prefix(Self.shown)),
                    replayed: "ended: \(outcome)"
                )
            }
            return ReplayReport(turns: state.turns, calls: state.calls, difference: state.difference)
        }
    }

    /// Repetitions, pauses and the end are not part of the conversation.
    private static func isCompared(_ line: JSONValue) -> Bool {
        switch line["type"]?.stringValue {
        case "session", "message", "compaction", "tools": true
        case "request": line["attempt"] == 1
        default: false
        }
    }

    /// What differs, as it was and as it is.
    private static func difference(
        _ recorded: JSONValue,
        _ replayed: JSONValue,
        _ state: inout State
    ) -> (String, String, String)? {
        guard recorded["type"] == replayed["type"] else {
            return ("course of the conversation", text(recorded), text(replayed))
        }
        switch recorded["type"]?.stringValue {
        case "session":
            return firstOf(["system", "tools"], recorded, replayed)
        case "message":
            guard let then = recorded["message"], let now = replayed["message"] else { return nil }
            guard state.recordedForm.of(then) != state.replayedForm.of(now) else { return nil }
            return (label(now), text(recorded), text(replayed))
        case "tools":
            state.recordedForm = CanonicalForm()
            state.replayedForm = CanonicalForm()
            return firstOf(["tools"], recorded, replayed)
        case "compaction":
            state.recordedForm = CanonicalForm()
            state.replayedForm = CanonicalForm()
            return firstOf(["summary"], recorded, replayed)
        default: return firstOf(["messages", "sha256"], recorded, replayed)
        }
    }

    private static func firstOf(_ keys: [String], _ then: JSONValue, _ now: JSONValue) -> (String, String, String)? {
        keys.first { then[$0] != now[$0] }.map { key in
            (key, then[key]?.compactText ?? "nothing", now[key]?.compactText ?? "nothing")
        }
    }

    private static func label(_ message: JSONValue) -> String {
        switch message["role"]?.stringValue {
        case "toolResult": "result of \(message["toolName"]?.stringValue ?? "a tool")"
        case "assistant": "reply"
        default: "what was said to the model"
        }
    }

    private static func text(_ line: JSONValue) -> String {
        guard let message = line["message"].flatMap(Message.init(json:)) else { return line.compactText }
        if case .assistant(let reply) = message, !reply.toolCalls.isEmpty { return line["message"]?.compactText ?? "" }
        let text = ToolOutput(message.content).text
        if case .toolResult(let result) = message, result.isError { return "error: \(text)" }
        return text
    }
}
