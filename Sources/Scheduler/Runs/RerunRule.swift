import Domain

/// Decides whether a run is followed by another one.
struct RerunRule {
    /// What happens after the run.
    enum Decision: Hashable {
        case none
        case limitReached
        case again(Trigger)
    }

    var trigger: Trigger
    var outcome: RunOutcome
    /// 0 for a first run.
    var rerun: Int
    /// `maxReruns`.
    var limit: Int
    /// The agent is enabled and the scheduler neither paused nor stopping.
    var isAllowed: Bool

    var decision: Decision {
        guard outcome.state == .succeeded, outcome.wantsRerun, isAllowed else { return .none }
        let next: Trigger
        switch trigger {
        case .schedule: next = trigger
        // The task that a person typed is done once; its reruns look for work like any other.
        case .manual: next = .manual(prompt: nil)
        case .webhook, .call: return .none
        }
        return rerun < limit ? .again(next) : .limitReached
    }
}
