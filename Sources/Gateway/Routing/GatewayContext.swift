package import Hummingbird

/// What is known of a request besides its head and body.
package struct GatewayContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Address of the other end; `nil` when there is no socket.
    let peer: String?

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress
    }
}
