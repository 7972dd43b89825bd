/// What happens with slots that passed while no scheduler ran.
package enum MissedRunsPolicy: String, CaseIterable, Hashable, Sendable {
    /// They are recorded as missed.
    case skip
    /// One run makes up for all of them.
    case one
}

/// What happens when an item arrives at a full queue.
package enum QueueOverflow: String, CaseIterable, Hashable, Sendable {
    /// The oldest waiting item makes room and ends `dropped`.
    case dropOldest = "drop-oldest"
    /// The new item is refused.
    case reject
}
