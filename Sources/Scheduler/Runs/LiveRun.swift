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
    /// Why it was ordered to die; remembered while it is starting.
    var killReason: String?
    /// How long it may take to obey.
    var killGrace: Duration = .zero
    var watchdogFired = false
    var modelKeysFetched = false
}
