import Domain
import FoundationEssentials
import Runtimes
import Storage

/// A run that occupies a runner.
struct LiveRun {
    let record: RunRecord
    let agent: AgentConfig
    let output: RunOutput
    /// `nil` until the runtime has started it.
    var handle: RunHandle?
    /// When this process took it on, on the clock that never jumps.
    let begunAt: Duration
    /// Seconds it had taken by then, by the wall clock.
    let before: Double
    /// Why we end it; remembered while it is starting.
    var stopCause: StopCause?
    /// How long it may take to obey.
    var stopGrace: Duration = .zero
    var watchdogFired = false
    var modelKeysFetched = false
}
