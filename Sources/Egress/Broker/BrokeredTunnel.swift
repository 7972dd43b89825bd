import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Serving
import Synchronization

/// The far end of a tunnel to a host with secrets: it speaks TLS in the host's place, and passes each request on to the host
/// itself with the secret put in.
struct BrokeredTunnel: Sendable {
    private typealias Client = NIOAsyncChannel<HTTPServerRequestPart, HTTPPart<HTTPResponseHead, ByteBuffer>>
    private typealias Server = NIOAsyncChannel<HTTPClientResponsePart, HTTPPart<HTTPRequestHead, ByteBuffer>>

    private static let connectTimeout = TimeAmount.seconds(10)

    let host: String
    let port: Int
    /// Checked ones of the host.
    let addresses: [SocketAddress]
    let secrets: [SecretBroker.Secret]
    let authority: RunAuthority
    /// PEM file with the authorities that the host is believed by; `nil` = those of the machine.
    let certificateFile: String?

    /// Makes a connection whose other end is served here.
    ///
    /// - Returns: the near end, as if the host itself were behind it, and the service of the far end.
    func open() async throws -> (near: HeldChannel<EgressStream>, serve: @Sendable () async -> Void) {
        let context = try NIOSSLContext(configuration: authority.serverConfiguration(for: host))
        let (near, far) = try socketPair()
        let bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
        let stream: HeldChannel<EgressStream>
        do {
            stream = try await bootstrap.withConnectedSocket(near) { channel in
                channel.eventLoop.makeCompletedFuture { HeldChannel(try EgressStream.wrap(channel)) }
            }
        } catch {
            close(far)
            throw error
        }
        let client: HeldChannel<Client> = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .withConnectedSocket(far) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(NIOSSLServerHandler(context: context))
                    try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try pipeline.addHandler(BytesOfBody<HTTPResponseHead>())
                    return HeldChannel(try Client(wrappingChannelSynchronously: channel))
                }
            }
        return (stream, { await serve(client.take()) })
    }

    private func socketPair() throws -> (Int32, Int32) {
        var descriptors: [Int32] = [-1, -1]
        #if canImport(Glibc)
            // No child process gets an end of it.
            let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        #else
            let kind = SOCK_STREAM
        #endif
        guard socketpair(AF_UNIX, kind, 0, &descriptors) == 0 else {
            throw IOError(errnoCode: errno, reason: "socketpair")
        }
        return (descriptors[0], descriptors[1])
    }

    private func serve(_ client: Client) async {
        // Whatever goes wrong on either side, the run sees a connection that ends.
        try? await client.executeThenClose { requests, replies in
            guard let server = try await connect() else { return }
            try await server.executeThenClose { answers, upstream in
                let exchanges = Exchanges()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for try await part in requests {
                            if case .head = part { exchanges.begin() }
                            try await upstream.write(try outgoing(part))
                        }
                        await exchanges.lastAnswer()
                    }
                    group.addTask {
                        for try await part in answers {
                            try await replies.write(Self.incoming(part))
                            if case .end = part { exchanges.end() }
                        }
                    }
                    try await group.next()
                    group.cancelAll()
                }
            }
            // The host is done; closing at once would throw away what the run has not made room for yet.
            let channel = client.channel
            try await withTaskCancellationHandler {
                try await channel.close(mode: .output).get()
            } onCancel: {
                channel.close(promise: nil)
            }
        }
    }

    private func outgoing(_ part: HTTPServerRequestPart) throws -> HTTPPart<HTTPRequestHead, ByteBuffer> {
        switch part {
        case .head(let head): .head(try head.brokered(to: host, port: port, secrets))
        case .body(let bytes): .body(bytes)
        case .end(let trailers): .end(trailers)
        }
    }

    private static func incoming(_ part: HTTPClientResponsePart) -> HTTPPart<HTTPResponseHead, ByteBuffer> { part }

    private func connect() async throws -> Server? {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = certificateFile.map { .file($0) } ?? .default
        configuration.applicationProtocols = ["http/1.1"]
        let context = try NIOSSLContext(configuration: configuration)
        for address in addresses {
            let server: Server? = try? await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connectTimeout(Self.connectTimeout)
                .connect(to: address) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: host))
                        try pipeline.addHandler(HTTPRequestEncoder())
                        // Answers such as 100 are for the run's client, which waits for them.
                        let decoder = HTTPResponseDecoder(informationalResponseStrategy: .forward)
                        try pipeline.addHandler(ByteToMessageHandler(decoder))
                        try pipeline.addHandler(NIOHTTPRequestHeadersValidator())
                        try pipeline.addHandler(BytesOfBody<HTTPRequestHead>())
                        return try Server(wrappingChannelSynchronously: channel)
                    }
                }
            if let server { return server }
        }
        return nil
    }
}

/// Writes bodies that are bytes as the encoders of HTTP want them.
private final class BytesOfBody<Head: Equatable & Sendable>: ChannelOutboundHandler {
    typealias OutboundIn = HTTPPart<Head, ByteBuffer>
    typealias OutboundOut = HTTPPart<Head, IOData>

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part: OutboundOut =
            switch unwrapOutboundIn(data) {
            case .head(let head): .head(head)
            case .body(let bytes): .body(.byteBuffer(bytes))
            case .end(let trailers): .end(trailers)
            }
        context.write(wrapOutboundOut(part), promise: promise)
    }
}

/// How many requests still wait for their answers.
private final class Exchanges: Sendable {
    private let open = Mutex(0)
    private let answered: AsyncStream<Void>
    private let isAnswered: AsyncStream<Void>.Continuation

    init() { (answered, isAnswered) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func begin() { open.withLock { $0 += 1 } }

    func end() {
        open.withLock { $0 -= 1 }
        isAnswered.yield()
    }

    /// Waits until every request has its answer.
    func lastAnswer() async {
        var answers = answered.makeAsyncIterator()
        while open.withLock({ $0 > 0 }) { guard await answers.next() != nil else { return } }
    }
}
