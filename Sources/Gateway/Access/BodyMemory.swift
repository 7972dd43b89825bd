import Synchronization

/// Counts what bodies that are being read take of the memory, so that no number of connections fills it.
///
/// Who sends is often known only when the body is there, because it holds the secret or is what was signed.
final class BodyMemory: Sendable {
    /// Bytes of a body that nobody counts: nearly all bodies are shorter.
    static let uncounted = 64 << 10
    /// Bytes of all bodies together.
    static let limit = 128 << 20
    /// Bytes of the bodies of one client, so that none takes it all.
    static let clientLimit = limit / 2

    private struct State {
        var total = 0
        var clients: [String: Int] = [:]
    }

    private let state = Mutex(State())

    /// Takes room for more bytes of a client's body.
    ///
    /// - Returns: false when there is none; nothing was taken then.
    func take(_ bytes: Int, for client: String) -> Bool {
        state.withLock { state in
            let own = state.clients[client, default: 0] + bytes
            guard state.total + bytes <= Self.limit, own <= Self.clientLimit else { return false }
            state.total += bytes
            state.clients[client] = own
            return true
        }
    }

    /// Gives back what was taken.
    func giveBack(_ bytes: Int, of client: String) {
        state.withLock { state in
            state.total -= bytes
            let own = state.clients[client, default: 0] - bytes
            state.clients[client] = own > 0 ? own : nil
        }
    }
}
