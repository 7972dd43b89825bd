/// The life of a run.
///
/// Every change goes through ``canBecome(_:)``; there is no other way from one state to the next.
package enum RunState: String, CaseIterable, Hashable, Sendable {
    case starting, running, succeeded, failed, timedOut, killed, lost

    /// Whether the run is over.
    ///
    /// A run that is over never changes again.
    package var isFinal: Bool { self != .starting && self != .running }

    /// Whether a run in this state may go to `next`.
    package func canBecome(_ next: RunState) -> Bool {
        switch self {
        case .starting: next != .starting
        case .running: next.isFinal
        case .succeeded, .failed, .timedOut, .killed, .lost: false
        }
    }
}

/// The life of a work item: it waits, becomes a run, or is dropped (with a reason).
package enum WorkItemState: String, CaseIterable, Hashable, Sendable {
    case waiting, claimed, dropped
}

/// The life of a call between agents.
package enum CallState: String, CaseIterable, Hashable, Sendable {
    case pending, running, completed, error
}
