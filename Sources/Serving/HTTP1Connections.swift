package import HummingbirdCore
package import Logging
package import NIOCore

/// HTTP/1.1 as Hummingbird serves it, by a server that may end while connections come in.
package struct HTTP1Connections: ServerChildChannel {
    /// A connection that may not have been served.
    package typealias Value = HeldChannel<HTTP1Channel.Value>

    private let http: HTTP1Channel

    /// Makes the server of an application.
    ///
    /// - Parameter configuration: limits and time-outs of a connection.
    /// - Returns: what an application is given as its server.
    package static func server(_ configuration: HTTP1Channel.Configuration = .init()) -> HTTPServerBuilder {
        HTTPServerBuilder { HTTP1Connections(http: HTTP1Channel(responder: $0, configuration: configuration)) }
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        http.setup(channel: channel, logger: logger).map { HeldChannel($0) }
    }

    package func handle(value: Value, logger: Logger) async {
        await http.handle(value: value.take(), logger: logger)
    }
}

extension HeldChannel: ServerChildChannelValue {}
