import Domain
import FoundationEssentials
import OrderedCollections
import Runtimes
import Storage
import Synchronization

/// Reads the output of one run: writes its log lines and transcript and keeps what matters for its end.
///
/// Not part of the scheduler's actor, so that a run which prints much does not slow down the others.
final class RunOutput: Sendable {
    private struct State {
        var report: RunReport
        var transcript = TranscriptAssembler()
        var position: String?
        var savedPosition: String?
        var isSuspended = false
    }

    private let instance: InstanceID
    private let sink: any LogSink
    private let now: @Sendable () -> Date
    private let state: Mutex<State>

    init(record: RunRecord, sink: any LogSink, now: @escaping @Sendable () -> Date) {
        instance = record.instance
        self.sink = sink
        self.now = now
        state = Mutex(
            State(
                report: RunReport(remembered: record.outcome),
                position: record.logPosition,
                savedPosition: record.logPosition
            )
        )
    }

    /// What the run said so far.
    var report: RunReport { state.withLock { $0.report } }

    /// Takes in a line; returns the text of a tool error for the status.
    func receive(_ line: OutputLine) -> String? {
        state.withLock { state in
            guard !state.isSuspended else { return nil }
            state.position = line.position
            switch RunLine(line) {
            case .log(_, _, "message", let fields):
                guard let text = state.transcript.take(fields) else { return nil }
                sink.appendTranscript(text, of: instance)
                return nil
            case .log(let level, let time, let message, let fields):
                state.report.take(message, fields)
                write(level, time: time, message, fields)
                return message == "tool error" ? Self.summary(ofToolError: fields) : nil
            case .output(let text):
                write(.info, "output", ["text": .string(text)])
                return nil
            case .standardError(let text):
                write(.warning, "container stderr", ["stderr": .string(String(text.prefix(500)))])
                return nil
            }
        }
    }

    /// Remembers a return value that came through the gateway; returns whether it was cut.
    func setReturnValue(_ value: String) -> Bool { state.withLock { $0.report.setReturnValue(value) } }

    func requestRerun() { state.withLock { $0.report.wantsRerun = true } }

    /// Ignores what still comes: the next scheduler reads it.
    func suspend() { state.withLock { $0.isSuspended = true } }

    /// The position to save; `nil` when the last one is saved.
    func takeUnsavedPosition() -> String? {
        state.withLock { state in
            guard state.position != state.savedPosition else { return nil }
            state.savedPosition = state.position
            return state.position
        }
    }

    /// The position behind the last line.
    var position: String? { state.withLock { $0.position } }

    private func write(
        _ level: LogLevel,
        time: Date? = nil,
        _ message: String,
        _ fields: OrderedDictionary<String, JSONValue>
    ) {
        sink.write(
            LogEntry(
                level: level,
                time: time ?? now(),
                name: instance.agent.rawValue,
                instance: instance,
                fields: fields,
                message: message
            )
        )
    }

    private static func summary(ofToolError fields: OrderedDictionary<String, JSONValue>) -> String {
        let command = fields["cmd"]?.stringValue ?? fields["tool"]?.stringValue ?? ""
        let result = fields["result"]?.stringValue ?? fields["error"]?.stringValue ?? ""
        return "$ \(command.prefix(80)) — \(result.prefix(200))"
    }
}
