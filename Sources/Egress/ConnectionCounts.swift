import Domain
import Synchronization

/// How many connections are open: of each run, and of those that have not yet said whose they are.
final class ConnectionCounts: Sendable {
    /// Most of one run.
    static let limit = 256
    /// Most of nobody in particular.
    static let strangersLimit = 512

    private struct State {
        var runs: [InstanceID: Int] = [:]
        var strangers = 0
    }

    private let state = Mutex(State())

    /// Counts a new connection, unless there are too many of which nobody knows whose they are.
    func enterStranger() -> Bool {
        state.withLock { state in
            guard state.strangers < Self.strangersLimit else { return false }
            state.strangers += 1
            return true
        }
    }

    func leaveStranger() { state.withLock { $0.strangers -= 1 } }

    /// Counts one more of a run, unless it has too many.
    func enter(_ instance: InstanceID) -> Bool {
        state.withLock { state in
            let count = state.runs[instance, default: 0]
            guard count < Self.limit else { return false }
            state.runs[instance] = count + 1
            return true
        }
    }

    func leave(_ instance: InstanceID) {
        state.withLock { state in
            let count = state.runs[instance, default: 0]
            state.runs[instance] = count > 1 ? count - 1 : nil
        }
    }
}
