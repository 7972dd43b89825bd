import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// Opens WebSockets.
package struct WebSocketClient: Sendable {
    /// Where a WebSocket is asked for.
    package struct Target: Hashable, Sendable {
        package var host: String
        package var port: Int
        package var path: String
        /// Further headers of the request.
        package var headers: [String: String]

        /// Collects the facts.
        package init(host: String, port: Int, path: String, headers: [String: String] = [:]) {
            self.host = host
            self.port = port
            self.path = path
            self.headers = headers
        }
    }

    /// The server's ordinary answer in place of a WebSocket.
    package struct Refused: Error, Hashable, Sendable {
        /// Its status; `nil` = what came was no answer.
        package var status: Int?

        /// Names the status.
        package init(status: Int?) { self.status = status }
    }

    private enum Outcome: Sendable {
        case open(HeldChannel<WebSocketHandshake.Frames>)
        case refused(status: Int?)
    }

    /// Most bytes of a message that comes.
    private let messageLimit: Int
    private let random: @Sendable () -> UInt64

    /// Describes the client.
    ///
    /// - Parameters:
    ///   - messageLimit: most bytes of a message that comes.
    ///   - random: for the keys that the protocol asks of clients.
    package init(messageLimit: Int, random: @escaping @Sendable () -> UInt64) {
        self.messageLimit = messageLimit
        self.random = random
    }

    /// Opens one, over plain TCP.
    ///
    /// - Throws: ``Refused``, or why there is no connection.
    package func open(_ target: Target) async throws -> WebSocketConnection {
        let outcome = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(.seconds(10))
            .connect(host: target.host, port: target.port) { channel in
                channel.eventLoop.makeCompletedFuture { try prepare(channel, target) }
            }
        switch try await outcome.get() {
        case .open(let frames): return WebSocketConnection(frames, limit: messageLimit, mask: random)
        case .refused(let status): throw Refused(status: status)
        }
    }

    private func prepare(_ channel: any Channel, _ target: Target) throws -> EventLoopFuture<Outcome> {
        let upgrader = NIOTypedWebSocketClientUpgrader<Outcome>(
            requestKey: requestKey(),
            maxFrameSize: messageLimit,
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    .open(HeldChannel(try WebSocketHandshake.Frames(wrappingChannelSynchronously: channel)))
                }
            }
        )
        var headers = HTTPHeaders(target.headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        headers.replaceOrAdd(name: "Host", value: "\(target.host):\(target.port)")
        headers.replaceOrAdd(name: "Content-Length", value: "0")
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target.path, headers: headers)
        let status = StatusOfRefusal()
        try channel.pipeline.syncOperations.addHandler(status, position: .first)
        let configuration = NIOTypedHTTPClientUpgradeConfiguration<Outcome>(
            upgradeRequestHead: head,
            upgraders: [upgrader]
        ) { channel in
            channel.eventLoop.makeCompletedFuture {
                defer { channel.close(promise: nil) }
                return .refused(status: try channel.pipeline.syncOperations.handler(type: StatusOfRefusal.self).status)
            }
        }
        var pipeline = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: configuration)
        // A server that speaks first may do so in the same breath in which it consents.
        pipeline.leftOverBytesStrategy = .forwardBytes
        return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(configuration: pipeline)
    }

    private func requestKey() -> String {
        var generator = Generator(random: random)
        return NIOWebSocketClientUpgrader.randomRequestKey(using: &generator)
    }

    private struct Generator: RandomNumberGenerator {
        let random: @Sendable () -> UInt64

        mutating func next() -> UInt64 { random() }
    }
}

/// Reads the status from the first bytes of an answer, which NIO keeps to itself.
private final class StatusOfRefusal: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// `nil` = nothing came yet, or it was no answer.
    private(set) var status: Int?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if status == nil {
            let words = String(buffer: unwrapInboundIn(data)).prefix(16).split(separator: " ")
            status = words.count > 1 ? Int(words[1]) : nil
        }
        context.fireChannelRead(data)
    }
}
