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

    /// How long changes that do not come to rest keep runs from starting.
    static let longestHold = Duration.seconds(5)

    /// How long after it was refused an agent is read again, though nothing is told to have changed: files that could not be
    /// read for a moment tell nobody when the moment is over.
    static let secondLook = Duration.seconds(30)

    private var states: [String: State] = [:]
    /// Since when an agent's files are other than what was read of them last.
    private var unread: [String: Duration] = [:]
    /// Since when glances do not find an agent's directory, with nobody else telling of it.
    private var missing: [String: Duration] = [:]

    /// Something in the agent's directory changed.
    mutating func noteChange(of name: String, at time: Duration) {
        missing[name] = nil
        unread[name] = unread[name] ?? time
        let due = time + Self.quiet
        if case .busy = states[name] {
            states[name] = .busy(again: due)
        } else {
            states[name] = .settling(due)
        }
    }

    /// Somebody glanced at the directory of the agent in force: where it is missing, the watch tells of it a moment later.
    ///
    /// What is read may disagree with the glance for good, as when a directory moved and its configuration is not valid any
    /// more: together such changes hold nothing back for longer than one.
    ///
    /// - Returns: whether this is a change that was not known.
    mutating func noteGlance(of name: String, isPresent: Bool, at time: Duration) -> Bool {
        guard !isPresent else {
            missing[name] = nil
            return false
        }
        let since = missing[name] ?? time
        let isNews = unread[name] == nil && time - since < Self.longestHold
        if isNews {
            noteChange(of: name, at: time)
            unread[name] = since
        }
        missing[name] = since
        return isNews
    }

    /// The agents whose time has come; each is busy until ``finish(_:)``.
    mutating func takeDue(at time: Duration) -> [String] {
        let due = states.compactMap { name, state -> String? in
            if case .settling(let due) = state, due <= time { name } else { nil }
        }
        for name in due { states[name] = .busy(again: nil) }
        return due.sorted()
    }

    /// What the agent's files say is known; what follows from it may still take its time.
    mutating func noteRead(_ name: String) {
        if case .busy(again: nil) = states[name] { unread[name] = nil }
    }

    /// Whether a run that starts now could find files that are only half there.
    func isUnsettled(_ name: String, at time: Duration) -> Bool {
        unread[name].map { time - $0 < Self.longestHold } ?? false
    }

    /// The pass over the agent is done.
    mutating func finish(_ name: String) {
        noteRead(name)
        guard case .busy(let again) = states[name] else { return }
        states[name] = again.map(State.settling)
    }

    /// What was read is not in force: it is looked at again later, unless it changes before.
    mutating func lookAgain(at name: String, from time: Duration) {
        if states[name] == nil { states[name] = .settling(time + Self.secondLook) }
    }

    /// When the next agent is to be read; `nil` when none waits.
    var next: Duration? {
        states.values.compactMap { if case .settling(let due) = $0 { due } else { nil } }.min()
    }
}
