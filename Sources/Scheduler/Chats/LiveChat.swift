import Domain
import FoundationEssentials
import Runtimes

/// A chat whose container lives or is about to.
///
/// It is no run: it has no runner, no place in a queue and no record in the store, so that neither scales nor the account of the
/// runs know of it. Whatever it leaves behind when this process dies is a stray to the next scheduler.
struct LiveChat {
    let id: InstanceID
    let agent: AgentConfig
    /// By which the container is known to the routes of runs.
    let secret: String
    /// By which the container is known as this chat's.
    let token: String
    let output: RunOutput
    let openedAt: Date
    /// When something was said last, on the clock that never jumps.
    var activeAt: Duration
    /// `nil` until the runtime has started it.
    var handle: RunHandle?
    /// Why it ends; remembered while it is starting.
    var endReason: String?
    var modelKeysFetched = false
}
