import Domain
import Runtimes
import Storage

/// Decides how a run ended from everything that is known about its end.
struct RunVerdict {
    var end: RunEnd
    /// Why we ended it, if we did.
    var stopCause: StopCause?
    /// Seconds.
    var timeout: Int
    var report: RunReport

    var outcome: RunOutcome {
        // A run whose container vanished may still have told its end in its last line.
        let code = end.code ?? (end.cause == .vanished ? report.exitCode : nil)
        if code == RunExitCode.success || code == RunExitCode.rerun {
            // Only the code counts: the agent may have asked for another run and thought better of it.
            return make(.succeeded, code: RunExitCode.success, wantsRerun: code == RunExitCode.rerun)
        }
        if let cause = code == RunExitCode.timeout ? .timeout : stopCause {
            switch cause {
            case .killed(let reason): return make(.killed, code: code, reason: reason)
            case .budget(let reason): return make(.failed, code: RunExitCode.budgetSpent, reason: reason)
            case .timeout: return make(.timedOut, code: RunExitCode.timeout, reason: "Timed out after \(timeout)s")
            }
        }
        guard let code else { return make(.lost, code: nil, reason: "agent run lost") }
        let meaning =
            end.cause == .outOfMemory || code == 137 ? "out of memory" : RunExitCode.meaning(of: code)
        return make(.failed, code: code, reason: "Container exited with code \(code): \(meaning)")
    }

    private func make(_ state: RunState, code: Int?, reason: String? = nil, wantsRerun: Bool = false) -> RunOutcome {
        RunOutcome(
            state: state,
            exitCode: code,
            reason: reason,
            wantsRerun: wantsRerun,
            returnValue: report.returnValue,
            isReturnValueCut: report.isReturnValueCut,
            usage: report.usage,
            summary: report.summary,
            error: state == .succeeded ? nil : report.error
        )
    }
}
