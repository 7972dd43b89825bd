package import HummingbirdCore
package import Logging
package import NIOCore
import ServiceLifecycle

/// HTTP/1.1 as Hummingbird serves it, by a server that may end while connections come in, and with a door for WebSockets.
package struct HTTP1Connections: ServerChildChannel {
    /// A connection that may not have been served.
    package typealias Value = OpenedConnection

    /// How long the first bytes of a connection may take where nothing else is said.
    private static let patience = TimeAmount.seconds(60)

    private let http: HTTP1Channel
    private let door: WebSocketDoor?
    private let address: String?

    /// Makes the server of an application.
    ///
    /// - Parameters:
    ///   - configuration: limits and time-outs of a connection.
    ///   - door: which connections are for WebSockets; `nil` = none.
    ///   - address: the one of this machine's addresses at which it may be reached; `nil` = all it listens on.
    /// - Returns: what an application is given as its server.
    package static func server(
        _ configuration: HTTP1Channel.Configuration = .init(),
        webSockets door: WebSocketDoor? = nil,
        reachedAt address: String? = nil
    ) -> HTTPServerBuilder {
        HTTPServerBuilder {
            HTTP1Connections(
                http: HTTP1Channel(responder: $0, configuration: configuration),
                door: door,
                address: address
            )
        }
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        guard let door else {
            return ordinary(channel, logger).map { kind in
                OpenedConnection(channel, channel.eventLoop.makeSucceededFuture(kind))
            }
        }
        return channel.eventLoop.makeCompletedFuture {
            let result = channel.eventLoop.makePromise(of: OpenedConnection.Kind.self)
            let first = FirstBytes(
                sign: Array("GET \(door.pathPrefix)".utf8),
                patience: http.configuration.idleTimeout ?? Self.patience,
                result: result
            ) { hasSign in
                guard isReachable(by: channel) else {
                    channel.close(promise: nil)
                    return channel.eventLoop.makeFailedFuture(ChannelError.eof)
                }
                guard hasSign else { return ordinary(channel, logger) }
                do {
                    return try WebSocketHandshake(door: door).begin(on: channel).map { .webSocket($0) }
                } catch {
                    return channel.eventLoop.makeFailedFuture(error)
                }
            }
            try channel.pipeline.syncOperations.addHandler(first)
            return OpenedConnection(channel, result.futureResult)
        }
    }

    package func handle(value: Value, logger: Logger) async {
        // Where nothing came there is nobody to answer.
        guard let kind = try? await value.kind() else { return }
        switch kind {
        case .http(let connection):
            await withTaskExecutorPreference(EventLoopExecutor(value.channel.eventLoop)) {
                await http.handle(value: connection.take(), logger: logger)
            }
        case .webSocket(.accepted(let frames, let handle)):
            let connection = WebSocketConnection(frames, limit: door?.messageLimit ?? 0)
            await cancelWhenGracefulShutdown { await handle(connection) }
        case .webSocket(.refused): break
        }
    }

    /// Whether a connection came to an address that is served.
    private func isReachable(by channel: any Channel) -> Bool {
        address == nil || channel.localAddress?.ipAddress == address
    }

    private func ordinary(_ channel: any Channel, _ logger: Logger) -> EventLoopFuture<OpenedConnection.Kind> {
        http.setup(channel: channel, logger: logger).map { .http(HeldChannel($0)) }
    }
}
