import FoundationEssentials

/// Decides when an agent is read again: half a second after the last of its changes, one pass at a time, and one more when
/// something changed meanwhile.
///
/// Times are durations since any fixed moment.
struct ReloadSchedule {
    /// Quiet time after a change.
    static let quiet = Duration.milliseconds(500)

    private enum State {
        /// Changed; to be read when this time has come.
        case settling(Duration)
        /// Being read; with a time, it changed since and is to be read again then.
        case busy(again: Duration?)
    }

    private var states: [String: State] = [:]

    /// Something in the agent's directory changed.
    mutating func noteChange(of name: String, at time: Duration) {
        let due = time + Self.quiet
        if case .busy = states[name] {
            states[name] = .busy(again: due)
        } else {
            states[name] = .settling(due)
        }
    }

    /// The agents whose time has come; each is busy until ``finish(_:)``.
    mutating func takeDue(at time: Duration) -> [String] {
        let due = states.compactMap { name, state -> String? in
            if case .settling(let due) = state, due <= time { name } else { nil }
        }
        for name in due { states[name] = .busy(again: nil) }
        return due.sorted()
    }

    /// The agent was read.
    mutating func finish(_ name: String) {
        guard case .busy(let again) = states[name] else { return }
        states[name] = again.map(State.settling)
    }

    /// When the next agent is to be read; `nil` when none waits.
    var next: Duration? {
        states.values.compactMap { if case .settling(let due) = $0 { due } else { nil } }.min()
    }
}
