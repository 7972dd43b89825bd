import Synchronization

/// The gateway's port, known once it listens.
///
/// Anybody may wait for it, before or after.
final class ServingPort: Sendable {
    private struct State {
        var port: Int?
        var waiters: [Int: CheckedContinuation<Int?, Never>] = [:]
        var nextID = 0
        var isOver = false
    }

    private let state = Mutex(State())

    /// Tells everybody.
    func set(_ port: Int) { finish { $0.port = port } }

    /// The gateway ended before it ever listened.
    func giveUp() { finish { $0.isOver = true } }

    /// The port, if it is known by now.
    var known: Int? { state.withLock { $0.port } }

    /// The port; `nil` when the gateway failed or the task was cancelled.
    func value() async -> Int? {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isWaiting = state.withLock { state in
                    guard state.port == nil, !state.isOver, !Task.isCancelled else { return false }
                    state.waiters[id] = continuation
                    return true
                }
                if !isWaiting { continuation.resume(returning: state.withLock { $0.port }) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(returning: nil)
        }
    }

    private func finish(_ change: (inout State) -> Void) {
        let (waiters, port) = state.withLock { state in
            change(&state)
            defer { state.waiters = [:] }
            return (Array(state.waiters.values), state.port)
        }
        for waiter in waiters { waiter.resume(returning: port) }
    }
}
