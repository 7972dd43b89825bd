import NIOCore
import NIOHTTP1
import NIOWebSocket
import Synchronization

/// The beginning of a connection that asks for a WebSocket.
struct WebSocketHandshake: Sendable {
    typealias Frames = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

    /// What came of it.
    enum Outcome: Sendable {
        case accepted(HeldChannel<Frames>, @Sendable (WebSocketConnection) async -> Void)
        /// It was answered, and is about to end.
        case refused
    }

    /// What a request gets that does not ask for a WebSocket where there is nothing else.
    private static let upgradeRequired = WebSocketDoor.Refusal(
        status: 426,
        headers: ["Upgrade": "websocket"],
        body: #"{"error":"this path is a WebSocket"}"#
    )

    /// How long the request may take to come whole and be decided.
    private static let patience = TimeAmount.seconds(10)

    let door: WebSocketDoor

    /// Prepares a connection whose first bytes are still to come down the pipeline; to be called on its event loop.
    func begin(on channel: any Channel) throws -> EventLoopFuture<Outcome> {
        let box = Box()
        let upgrader = NIOTypedWebSocketServerUpgrader<Outcome>(
            maxFrameSize: door.messageLimit,
            shouldUpgrade: { channel, head in
                channel.eventLoop.makeFutureWithTask {
                    let given = await door.decide(Self.request(head, channel))
                    box.set(given)
                    if case .accept = given { return HTTPHeaders() }
                    return nil
                }
            },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    guard case .accept(let handle) = box.value else {
                        throw ChannelError.inappropriateOperationForState
                    }
                    return .accepted(HeldChannel(try Frames(wrappingChannelSynchronously: channel)), handle)
                }
            }
        )
        let configuration = NIOTypedHTTPServerUpgradeConfiguration<Outcome>(upgraders: [upgrader]) { channel in
            channel.eventLoop.makeCompletedFuture {
                if case .refuse(let refusal) = box.value {
                    Self.send(refusal, over: channel)
                } else {
                    Self.send(Self.upgradeRequired, over: channel)
                }
                return .refused
            }
        }
        let outcome = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
            configuration: .init(upgradeConfiguration: configuration)
        )
        let limit = channel.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
        outcome.whenComplete { _ in limit.cancel() }
        return outcome
    }

    /// Sends a refusal and ends the connection.
    private static func send(_ refusal: WebSocketDoor.Refusal, over channel: any Channel) {
        var headers = HTTPHeaders(refusal.headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        headers.replaceOrAdd(name: "Connection", value: "close")
        headers.replaceOrAdd(name: "Content-Type", value: "application/json")
        headers.replaceOrAdd(name: "Content-Length", value: String(refusal.body.utf8.count))
        let head = HTTPResponseHead(
            version: .http1_1,
            status: HTTPResponseStatus(statusCode: refusal.status),
            headers: headers
        )
        let pipeline = channel.pipeline.syncOperations
        let sent = channel.eventLoop.makePromise(of: Void.self)
        sent.futureResult.whenComplete { _ in channel.close(promise: nil) }
        pipeline.write(NIOAny(HTTPServerResponsePart.head(head)), promise: nil)
        pipeline.write(NIOAny(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: refusal.body)))), promise: nil)
        pipeline.writeAndFlush(NIOAny(HTTPServerResponsePart.end(nil)), promise: sent)
    }

    private static func request(_ head: HTTPRequestHead, _ channel: any Channel) -> WebSocketDoor.Request {
        WebSocketDoor.Request(
            uri: head.uri,
            headers: head.headers.map { (name: $0.name, value: $0.value) },
            peer: channel.remoteAddress?.ipAddress
        )
    }

    /// Carries the verdict from the question to what comes after it.
    private final class Box: Sendable {
        private let verdict = Mutex<WebSocketDoor.Verdict?>(nil)

        var value: WebSocketDoor.Verdict? { verdict.withLock { $0 } }

        func set(_ value: WebSocketDoor.Verdict) { verdict.withLock { $0 = value } }
    }
}
