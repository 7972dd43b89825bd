import Synchronization

/// Bytes that went through a connection.
final class Traffic: Sendable {
    private let state = Mutex<(outgoing: Int, incoming: Int, moves: Int)>((0, 0, 0))

    var sums: (outgoing: Int, incoming: Int) { state.withLock { ($0.outgoing, $0.incoming) } }
    /// Changes whenever something passes.
    var moves: Int { state.withLock { $0.moves } }

    func count(outgoing: Int = 0, incoming: Int = 0) {
        state.withLock { state in
            state.outgoing += outgoing
            state.incoming += incoming
            state.moves += 1
        }
    }
}
