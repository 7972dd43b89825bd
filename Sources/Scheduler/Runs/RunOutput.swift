import Credentials
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
        /// Hides the secrets that stand in the agent's configuration.
        var redactor: Redactor
        var transcript = TranscriptAssembler()
        var position: String?
        var savedPosition: String?
        var isSuspended = false
        /// What stands in front of the position is not all counted.
        var isHeld = false
    }

    private let instance: InstanceID
    /// Whose log file the lines go to.
    private let name: String
    /// Hides the run's own secret, which is in no store either.
    private let ownRedactor: Redactor
    private let sink: any LogSink
    private let now: @Sendable () -> Date
    /// When the run was made.
    private let start: Date
    private let state: Mutex<State>

    init(record: RunRecord, hiding redactor: Redactor, sink: any LogSink, now: @escaping @Sendable () -> Date) {
        instance = record.instance
        name = record.instance.agent.rawValue
        ownRedactor = Redactor(runSecret: record.secret)
        self.sink = sink
        self.now = now
        start = record.startedAt
        state = Mutex(
            State(
                report: RunReport(remembered: record.outcome),
                redactor: redactor,
                position: record.logPosition,
                savedPosition: record.logPosition
            )
        )
    }

    /// Reads the output of a chat, whose lines belong to its agent.
    init(
        chat: InstanceID,
        with agent: AgentName,
        secret: String,
        hiding redactor: Redactor,
        sink: any LogSink,
        now: @escaping @Sendable () -> Date
    ) {
        instance = chat
        name = agent.rawValue
        ownRedactor = Redactor(runSecret: secret)
        self.sink = sink
        self.now = now
        start = now()
        state = Mutex(State(report: RunReport(), redactor: redactor))
    }

    /// What the scheduler has to do about a line.
    enum Effect: Hashable {
        case nothing
        /// For the status.
        case toolError(String)
        /// To be counted; until it is, the position stays in front of its line.
        case modelReply(ModelReply)
    }

    /// What the run said so far.
    var report: RunReport { state.withLock { $0.report } }

    /// The text without the run's secret and those of its configuration.
    func redacted(_ text: String) -> String {
        state.withLock { $0.redactor }.redact(ownRedactor.redact(text).text).text
    }

    /// The run is launched with another configuration than it was claimed with.
    func hide(by redactor: Redactor) { state.withLock { $0.redactor = redactor } }

    /// Takes in a line.
    func receive(_ line: OutputLine) -> Effect {
        var line = line
        line.text = redacted(line.text)
        return state.withLock { state in
            guard !state.isSuspended else { return .nothing }
            let effect = takeIn(RunLine(line), at: line.position, &state)
            if case .modelReply = effect { return effect }
            // Whoever goes on after us begins with the first part of a line.
            state.transcript.countLine()
            if state.transcript.isWhole { state.position = line.position }
            return effect
        }
    }

    private func takeIn(_ line: RunLine, at position: String, _ state: inout State) -> Effect {
        switch line {
        case .log(_, _, "message", let fields):
            guard let text = state.transcript.take(fields) else { return .nothing }
            sink.appendTranscript(text, of: instance)
            return .nothing
        case .log(let level, let time, let message, let fields):
            let wasCut = state.report.isReturnValueCut
            state.report.take(message, fields)
            write(level, time: time.flatMap(believed), message, fields)
            if state.report.isReturnValueCut, !wasCut { write(.warning, "return value cut", [:]) }
            return effect(of: message, fields, at: position)
        case .output(let text):
            write(.info, "output", ["text": .string(text)])
            return .nothing
        case .standardError(let text):
            write(.warning, "container stderr", ["stderr": .string(String(text.prefix(500)))])
            return .nothing
        }
    }

    private func effect(
        of message: String,
        _ fields: OrderedDictionary<String, JSONValue>,
        at position: String
    ) -> Effect {
        switch message {
        case "tool error":
            return .toolError(Self.summary(ofToolError: fields))
        case "turn-usage":
            let cost = TokenUsage.cost(toldBy: fields["cost"]) ?? 0
            // The day that pays is the one in which the reply was read; the run's own clock may be wrong.
            return .modelReply(
                ModelReply(model: fields["model"]?.stringValue, cost: cost, at: now(), position: position)
            )
        default:
            return .nothing
        }
    }

    /// Most seconds by which the clock of a run may be another one than that of the scheduler.
    private static let clockTolerance = 86_400.0

    /// A time that a line of this run can have; `nil` when whoever printed it has no clock or counts in something else.
    private func believed(_ time: Date) -> Date? {
        let earliest = start.addingTimeInterval(-Self.clockTolerance)
        let latest = now().addingTimeInterval(Self.clockTolerance)
        return time >= earliest && time <= latest ? time : nil
    }

    /// The line of this position was counted.
    ///
    /// The store notes the position together with the count, so that it need not be saved again.
    func confirm(_ position: String) {
        state.withLock { state in
            state.position = position
            state.savedPosition = position
        }
    }

    /// Saves no position while a line in front of it is not counted: whoever goes on after us reads it again.
    func hold(_ isHeld: Bool) { state.withLock { $0.isHeld = isHeld } }

    /// Remembers a return value that came through the gateway; returns whether it was cut.
    func setReturnValue(_ value: String, isBeginning: Bool) -> Bool {
        state.withLock { $0.report.setReturnValue(value, isBeginning: isBeginning) }
    }

    /// Ignores what still comes: the next scheduler reads it.
    func suspend() { state.withLock { $0.isSuspended = true } }

    /// The position to save; `nil` when the last one is saved.
    func takeUnsavedPosition() -> String? {
        state.withLock { state in
            guard !state.isHeld, state.position != state.savedPosition else { return nil }
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
                name: name,
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

extension Redactor {
    /// Hides what a run is known by, under the name that runs give it themselves.
    convenience init(runSecret: String) {
        self.init([Secret(type: "gateway", field: "secret", value: runSecret)])
    }
}
