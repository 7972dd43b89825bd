import Domain
import FoundationEssentials
import Runtimes
import Storage

/// A run that occupies a runner.
struct LiveRun {
    /// As it was claimed, with the configuration that it was launched with.
    var record: RunRecord
    /// As it was when the run was claimed, from the launch on as the run was launched.
    var agent: AgentConfig
    let output: RunOutput
    /// `nil` until the runtime has started it.
    var handle: RunHandle?
    /// When it came up or, if it was up before, when this process took it on; on the clock that never jumps.
    var upSince: Duration
    /// Seconds it had been up by then, by the wall clock.
    var before: Double
    /// Why we end it; remembered while it is starting.
    var stopCause: StopCause?
    /// How long it may take to obey.
    var stopGrace: Duration = .zero
    var modelKeysFetched: Bool
    /// Replies of its models that the store has not taken yet, in their order.
    var uncounted: [ModelReply] = []
    /// It had ended before this process looked at it.
    var wasOver = false
    /// When it ended, as far as the runtime knows.
    var endedAt: Date?

    /// When it ended: what is known of an end that nobody saw, else now; not before its launch, nor in the future.
    ///
    /// The run may have another clock than we, so that it is asked only where ours does not know.
    func end(at now: Date) -> Date {
        guard wasOver, let endedAt, let launchedAt = record.runningAt else { return now }
        return min(max(endedAt, launchedAt), now)
    }
}
