import Domain
import NIOCore
import Synchronization

/// How many connections are open: of each run, and of those that have not yet said whose they are.
final class ConnectionCounts: Sendable {
    /// Most of one run.
    static let limit = 256
    /// Most of nobody in particular.
    static let strangersLimit = 512

    private struct State {
        var runs: [InstanceID: Int] = [:]
        /// The oldest first.
        var strangers: [(id: Int, channel: any Channel)] = []
        var nextStranger = 0
    }

    private let state = Mutex(State())

    /// Counts a new connection; where there are too many of which nobody knows whose they are, the oldest has to go.
    ///
    /// Whoever has something to say says it at once, so that a run with hundreds of silent ones keeps no other away.
    ///
    /// - Returns: by what it is known to ``leaveStranger(_:)``.
    func enterStranger(_ channel: any Channel) -> Int {
        let (id, oldest) = state.withLock { state in
            let oldest = state.strangers.count < Self.strangersLimit ? nil : state.strangers.removeFirst().channel
            state.nextStranger += 1
            state.strangers.append((state.nextStranger, channel))
            return (state.nextStranger, oldest)
        }
        oldest?.close(promise: nil)
        return id
    }

    func leaveStranger(_ id: Int) { state.withLock { state in state.strangers.removeAll { $0.id == id } } }

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
