package import Hummingbird
import NIOCore

/// What is known of a request besides its head and body.
package struct GatewayContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Address of the other end; `nil` when there is no socket.
    let peer: SocketAddress?
    /// Closes the connection at once.
    let disconnect: @Sendable () -> Void

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        let channel = source.channel
        disconnect = { channel.close(promise: nil) }
        peer = channel.remoteAddress
    }
}
