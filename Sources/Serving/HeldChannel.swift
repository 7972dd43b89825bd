package import NIOCore
import Synchronization

/// A connection that waits to be taken up, and may never be.
///
/// NIO's asynchronous channels stop the process when they are let go without having been used, and a server that ends lets go
/// the connections it has accepted and not yet served. This one closes them instead.
package final class HeldChannel<Connection: Sendable>: Sendable {
    /// The channel underneath.
    package let channel: any Channel
    private let connection: Connection
    private let isTaken = Mutex(false)
    private let close: @Sendable () async -> Void

    /// Holds a new channel.
    package init<Inbound: Sendable, Outbound: Sendable>(_ connection: Connection)
    where Connection == NIOAsyncChannel<Inbound, Outbound> {
        self.connection = connection
        channel = connection.channel
        close = {
            connection.channel.close(promise: nil)
            // Only its two streams being taken up lets it go; that the connection is gone by then is meant.
            try? await connection.executeThenClose { _, _ in }
        }
    }

    /// Hands the connection over to who uses it with `executeThenClose`.
    package func take() -> Connection {
        isTaken.withLock { $0 = true }
        return connection
    }

    deinit {
        guard !isTaken.withLock({ $0 }) else { return }
        Task { [close] in await close() }
    }
}
