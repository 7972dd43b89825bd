import Hummingbird
import Logging
import NIOCore
import NIOPosix
import NIOWebSocket
import Serving
import Synchronization
import Testing

@Suite("WebSockets beside HTTP", .timeLimit(.minutes(5)))
struct WebSocketTests {
    private static let limit = 1000
    private static let client = WebSocketClient(messageLimit: 1 << 20, random: { .random(in: .min ... .max) })

    /// Answers each text twice, and the path it was asked for at first.
    private static func echo(_ request: WebSocketDoor.Request, _ connection: WebSocketConnection) async {
        let (texts, feed) = AsyncStream.makeStream(of: ByteBuffer.self)
        feed.yield(ByteBuffer(string: request.uri))
        _ = await connection.exchange(texts, clock: ContinuousClock()) { text in
            if text == "end" { return feed.finish() }
            if text == "enough" { throw WebSocketClosure(.policyViolation, "enough") }
            for _ in 0..<2 { feed.yield(ByteBuffer(string: text)) }
        }
    }

    /// Serves HTTP and, below /ws/, WebSockets while the body runs.
    private func serving(_ body: (Int) async throws -> Void) async throws {
        let door = WebSocketDoor(pathPrefix: "/ws/", messageLimit: Self.limit) { request in
            guard request.headers.contains(where: { $0.name == "X-Pass" }) else {
                return .refuse(.init(status: 403, headers: ["X-Why": "pass"], body: #"{"error":"no"}"#))
            }
            return .accept { await Self.echo(request, $0) }
        }
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            responder: CallbackResponder { (request: Request, _: BasicRequestContext) in
                Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: "http \(request.uri.path)")))
            },
            server: HTTP1Connections.server(webSockets: door),
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { port.yield($0.localAddress?.port ?? 0) },
            logger: Logger(label: "server") { _ in SwiftLogNoOpLogHandler() }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            var iterator = ports.makeAsyncIterator()
            try await body(try #require(await iterator.next()))
            group.cancelAll()
        }
    }

    private func open(_ port: Int, _ path: String = "/ws/a?b=c") async throws -> WebSocketConnection {
        try await Self.client.open(.init(host: "127.0.0.1", port: port, path: path, headers: ["X-Pass": "1"]))
    }

    /// Says things, hears so many answers, and says one last thing.
    private func talk(
        _ connection: WebSocketConnection,
        _ texts: [String],
        hearing count: Int = .max,
        last: String? = nil
    ) async -> (heard: [String], end: WebSocketClosure) {
        let (outgoing, feed) = AsyncStream.makeStream(of: ByteBuffer.self)
        for text in texts { feed.yield(ByteBuffer(string: text)) }
        let heard = Heard()
        let end = await connection.exchange(outgoing, clock: ContinuousClock()) { text in
            guard heard.add(text) == count else { return }
            if let last { feed.yield(ByteBuffer(string: last)) } else { feed.finish() }
        }
        return (heard.texts, end)
    }

    private final class Heard: Sendable {
        private let box = Mutex<[String]>([])
        var texts: [String] { box.withLock { $0 } }

        func add(_ text: String) -> Int {
            box.withLock { texts in
                texts.append(text)
                return texts.count
            }
        }
    }

    @Test("texts go both ways, and either side may end it")
    func texts() async throws {
        try await serving { port in
            let (heard, end) = await talk(
                try await open(port),
                ["hé", String(repeating: "x", count: Self.limit)],
                hearing: 5
            )
            #expect(heard.map(\.count) == [9, 2, 2, Self.limit, Self.limit])
            #expect(heard.first == "/ws/a?b=c")
            #expect(end == .finished)
            #expect(await talk(try await open(port), ["end"]).end.code == .normalClosure)
            let refused = await talk(try await open(port), ["enough"])
            #expect(refused.end == WebSocketClosure(.policyViolation, "enough"))
        }
    }

    @Test("what a server says in the same breath in which it consents is heard")
    func speaksFirst() async throws {
        // The answer to a key of sixteen zeros (RFC 6455, 4.2.2), a text, and a farewell.
        let consent = """
            HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r
            Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n\r\n
            """
        let bytes = ByteBuffer(bytes: Array(consent.utf8) + [0x81, 2] + Array("hi".utf8) + [0x88, 2, 0x03, 0xE8])
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(OneAnswer(bytes))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        let client = WebSocketClient(messageLimit: 1000, random: { 0 })
        let (heard, end) = await talk(try await client.open(.init(host: "127.0.0.1", port: port, path: "/")), [])
        try await server.close()
        #expect(heard == ["hi"])
        #expect(end.code == .normalClosure)
    }

    /// Says the same to whatever comes first.
    private final class OneAnswer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private var answer: ByteBuffer?

        init(_ answer: ByteBuffer) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard let answer = answer.take() else { return }
            context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        }
    }

    @Test("a message above the limit ends the connection with 1009")
    func oversize() async throws {
        try await serving { port in
            let (_, end) = await talk(try await open(port), [String(repeating: "x", count: Self.limit + 1)])
            #expect(end.code == .messageTooLarge)
        }
    }

    @Test("a refusal is an ordinary answer; so is one to a request for no WebSocket")
    func refusals() async throws {
        try await serving { port in
            await #expect(throws: WebSocketClient.Refused(status: 403)) {
                try await Self.client.open(.init(host: "127.0.0.1", port: port, path: "/ws/a"))
            }
            let plain = try await answer(port, ["GET /ws/a HTTP/1.1\r\nHost: x\r\nX-Pass: 1\r\n\r\n"])
            #expect(plain.hasPrefix("HTTP/1.1 426 "))
            #expect(plain.hasSuffix(#"{"error":"this path is a WebSocket"}"#))
        }
    }

    @Test("everything else is HTTP as before, however its first bytes are cut")
    func ordinary() async throws {
        try await serving { port in
            let request = "GET /w/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            for cut in [1, 5, 6, 7, 20] {
                let chunks = [String(request.prefix(cut)), String(request.dropFirst(cut))]
                let text = try await answer(port, chunks)
                #expect(text.hasSuffix("http /w/a"), "cut at \(cut)")
            }
            let post = "POST /ws/a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            let posted = try await answer(port, [post])
            #expect(posted.hasSuffix("http /ws/a"))
            let half = try await answer(port, ["GET /w"], ends: true)
            #expect(half.hasPrefix("HTTP/1.1 400 "))
            let nothing = try await answer(port, [], ends: true)
            #expect(nothing.isEmpty)
        }
    }

    /// What a server says to these bytes, each sent for itself, until it closes.
    private func answer(_ port: Int, _ chunks: [String], ends: Bool = false) async throws -> String {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true)
                    )
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            for chunk in chunks { try await outbound.write(ByteBuffer(string: chunk)) }
            if ends { outbound.finish() }
            var text = ""
            for try await bytes in inbound { text += String(buffer: bytes) }
            return text
        }
    }
}
