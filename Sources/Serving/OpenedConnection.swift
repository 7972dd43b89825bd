import HummingbirdCore
package import NIOCore
import Synchronization

/// A connection of which the first bytes tell what it is.
package final class OpenedConnection: ServerChildChannelValue {
    /// What it turned out to be.
    enum Kind: Sendable {
        case http(HeldChannel<HTTP1Channel.Value>)
        case webSocket(WebSocketHandshake.Outcome)
    }

    package let channel: any Channel
    private let future: EventLoopFuture<Kind>
    private let isTaken = Mutex(false)

    init(_ channel: any Channel, _ future: EventLoopFuture<Kind>) {
        self.channel = channel
        self.future = future
    }

    /// Waits for the first bytes.
    ///
    /// - Throws: when the connection ends before they come; cancellation ends it.
    func kind() async throws -> Kind {
        isTaken.withLock { $0 = true }
        return try await withTaskCancellationHandler {
            try await future.get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    deinit {
        if !isTaken.withLock({ $0 }) { channel.close(promise: nil) }
    }
}
