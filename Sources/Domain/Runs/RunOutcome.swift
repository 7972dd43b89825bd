/// How a run ended.
package struct RunOutcome: Hashable, Sendable {
    /// A final state.
    package var state: RunState
    /// The container's or process's exit code; `nil` when nobody could read one.
    package var exitCode: Int?
    /// One sentence for people, absent after plain success.
    package var reason: String?
    /// The run succeeded and asked to be started again (exit code 42 between container and host).
    package var wantsRerun: Bool
    /// What the run passed to `al-return`.
    package var returnValue: String?
    /// The return value was longer than is kept.
    package var isReturnValueCut: Bool
    package var usage: TokenUsage?
    /// The model's last text.
    package var summary: String?
    /// What the run said about its own failure.
    package var error: String?

    /// Collects the facts.
    package init(
        state: RunState,
        exitCode: Int? = nil,
        reason: String? = nil,
        wantsRerun: Bool = false,
        returnValue: String? = nil,
        isReturnValueCut: Bool = false,
        usage: TokenUsage? = nil,
        summary: String? = nil,
        error: String? = nil
    ) {
        self.state = state
        self.exitCode = exitCode
        self.reason = reason
        self.wantsRerun = wantsRerun
        self.returnValue = returnValue
        self.isReturnValueCut = isReturnValueCut
        self.usage = usage
        self.summary = summary
        self.error = error
    }

    /// The word on the wire and in logs: `completed`, `rerun` or `error`.
    package var wireResult: String {
        state == .succeeded ? (wantsRerun ? "rerun" : "completed") : "error"
    }
}

/// The exit codes of a run and what they mean.
package enum RunExitCode {
    package static let success = 0
    package static let error = 1
    package static let rateLimit = 12
    package static let unrecoverable = 15
    package static let budgetSpent = 17
    package static let rerun = 42
    package static let timeout = 124

    /// The meaning of a code, for people.
    package static func meaning(of code: Int) -> String {
        switch code {
        case 0: "done"
        case 1: "configuration, credentials or model failure"
        case 10: "Authentication/credentials failure"
        case 11: "Permission/access denied"
        case 12: "Rate limit exceeded"
        case 13: "Configuration error"
        case 14: "Missing dependency or service error"
        case 15: "Unrecoverable error"
        case 16: "User-requested abort"
        case 17: "a budget is spent"
        case 42: "done, asks for a rerun"
        case 124: "timed out"
        case 137: "killed (SIGKILL; out of memory unless al killed it)"
        case 129...159: "ended by signal \(code - 128)"
        default: "Unknown exit code: \(code)"
        }
    }
}
