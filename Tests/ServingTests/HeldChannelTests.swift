import Hummingbird
import NIOCore
import NIOPosix
import Serving
import TestSupport
import Testing

@Suite("Connections that nobody serves", .timeLimit(.minutes(5)))
struct HeldChannelTests {
    /// Connects, without waiting for the server to notice.
    private func connect(to port: Int) async throws -> any Channel {
        try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port).get()
    }

    @Test("are closed when a server ends while they come in; NIO by itself would end the process", arguments: 0..<100)
    func ending(round: Int) async throws {
        let responder = CallbackResponder { (_: Request, _: BasicRequestContext) in Response(status: .ok) }
        let clients = try await LoopbackServer.run(responder) { port in
            var clients: [any Channel] = []
            for _ in 0...(round % 4) { clients.append(try await connect(to: port)) }
            return clients
        }
        for client in clients { try await client.closeFuture.get() }
    }

    @Test("are closed when they are let go, and served when they are taken")
    func letGo() async throws {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    HeldChannel(try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel))
                }
            }
        let port = try #require(server.channel.localAddress?.port)
        try await server.executeThenClose { connections in
            var accepted = connections.makeAsyncIterator()
            let refused = try await connect(to: port)
            _ = try await accepted.next()
            try await refused.closeFuture.get()
            let served = try await connect(to: port)
            let taken = try await accepted.next()?.take()
            try await taken?.executeThenClose { _, outbound in try await outbound.write(ByteBuffer(string: "hello")) }
            try await served.closeFuture.get()
        }
    }
}
