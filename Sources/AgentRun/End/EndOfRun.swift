import Domain

/// How the work of a run ended, before its signals are looked at.
enum WorkEnd: Hashable, Sendable {
    /// The model had nothing more to do, or a script ended with this code.
    case finished
    case script(code: Int32)
    /// Three unrecoverable errors of tools.
    case guardAbort
    case modelFailure(code: Int32, reason: String)
    case budgetSpent(reason: String)
    /// Nothing was started: configuration, credentials, preflight.
    case setupFailure(reason: String)
    /// The timer fired.
    case timeout
    /// SIGTERM or SIGINT came.
    case terminated(signal: Int32)
}

/// The exit code of a run and why it is that.
struct EndOfRun: Hashable, Sendable {
    var code: Int32
    var reason: String?

    /// Weighs the end of the work against what the agent signalled.
    init(_ end: WorkEnd, signals: RunSignals) {
        switch end {
        case .timeout: self.init(code: 124, reason: "time is over")
        case .terminated(let signal): self.init(code: 128 + signal, reason: "ended by signal \(signal)")
        case .setupFailure(let reason): self.init(code: 1, reason: reason)
        case .guardAbort: self.init(code: 1, reason: "repeated authentication failures of tools")
        case .modelFailure(let code, let reason): self.init(code: code, reason: reason)
        case .budgetSpent(let reason): self.init(code: Int32(RunExitCode.budgetSpent), reason: reason)
        case .script(let code) where code != 0:
            self.init(code: code, reason: "test-script.sh exited with \(code)")
        case .finished, .script: self.init(signals)
        }
    }

    private init(_ signals: RunSignals) {
        if let reason = signals.shutdownReason {
            self.init(code: Int32(RunExitCode.unrecoverable), reason: "al-shutdown: \(reason)")
        } else if let code = signals.exitCode {
            self.init(code: code, reason: code == 0 ? nil : RunExitCode.meaning(of: Int(code)))
        } else {
            self.init(code: signals.wantsRerun ? Int32(RunExitCode.rerun) : 0, reason: nil)
        }
    }

    private init(code: Int32, reason: String?) {
        self.code = code
        self.reason = reason
    }

    /// The word of the log protocol.
    var outcome: String {
        switch code {
        case 0: "completed"
        case 42: "rerun"
        default: "error"
        }
    }
}
