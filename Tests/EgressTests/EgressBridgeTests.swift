import Domain
import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import Egress

@Suite(.timeLimit(.minutes(5))) struct EgressBridgeTests {
    /// A port that is free now; the bridge takes it a moment later.
    private static func freePort() async throws -> Int {
        let loopback = try SocketAddress(ipAddress: "127.0.0.1", port: 0)
        let probe = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup).bind(to: loopback).get()
        let free = try #require(probe.localAddress?.port)
        try await probe.close()
        return free
    }

    @Test("Inside, the proxy is a port of loopback, and so is the gateway")
    func bridge() async throws {
        let free = try await Self.freePort()
        let cage = Cage(
            allow: ["127.0.0.1:PORT"],
            gateway: EgressEndpoint(host: "gateway", socketPath: "/nowhere")
        )
        try await cage.run { _, port in
            try await EgressBridge(socketPath: cage.socketPath, token: "secret").serving(gatewayPort: free) {
                proxyPort in
                let proxy = try SocketAddress(ipAddress: "127.0.0.1", port: proxyPort)
                let request = "CONNECT 127.0.0.1:\(port) HTTP/1.1\r\nProxy-Authorization: Bearer secret\r\n\r\n"
                #expect(try await Cage.exchange(proxy, [request, "hi"]).hasSuffix("\r\n\r\nhi"))
                // Nobody is behind the gateway's socket: the connection ends without a byte.
                let gateway = try SocketAddress(ipAddress: "127.0.0.1", port: free)
                #expect(try await Cage.exchange(gateway, ["hi"]).isEmpty)
            }
        }
    }

    @Test("The gateway's port leads to the gateway with the run's token")
    func gateway() async throws {
        let free = try await Self.freePort()
        let socket = "\(NSTemporaryDirectory())gw-\(UUID().uuidString.prefix(8))"
        let far = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(unixDomainSocketPath: socket) { channel in
                channel.eventLoop.makeCompletedFuture { try EgressStream.wrap(channel) }
            }
        let cage = Cage(allow: [], gateway: EgressEndpoint(host: "gateway", socketPath: socket))
        try await cage.run { _, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await far.executeThenClose { clients in
                        for try await client in clients {
                            try await client.executeThenClose { inbound, outbound in
                                try await inbound.copy(to: outbound)
                            }
                        }
                    }
                }
                try await EgressBridge(socketPath: cage.socketPath, token: "secret").serving(gatewayPort: free) {
                    _ in
                    let gateway = try SocketAddress(ipAddress: "127.0.0.1", port: free)
                    #expect(try await Cage.exchange(gateway, ["hello"]) == "hello")
                }
                group.cancelAll()
            }
        }
        try? FileManager.default.removeItem(atPath: socket)
    }

    @Test("Where there is a network the proof fails and names what is open")
    func openCage() async throws {
        let proxy = try #require(ProxyServer("http://127.0.0.1:9"))
        await #expect(throws: CageProof.Open.self) { try await CageProof(proxy: proxy).run() }
    }

    @Test("A proxy that does not answer proves nothing, and is no hole either")
    func noProxy() async throws {
        let proxy = try #require(ProxyServer("http://127.0.0.1:9"))
        await #expect(throws: CageProof.NoAnswer.self) { try await CageProof(proxy: proxy).proxyAttempt() }
    }

    @Test("A refusal of the proxy is told with its reason")
    func refusal() async throws {
        let cage = Cage(allow: [])
        try await cage.run { _, _ in
            try await EgressBridge(socketPath: cage.socketPath, token: "secret").serving(gatewayPort: nil) { port in
                let proxy = try #require(ProxyServer("http://run:secret@127.0.0.1:\(port)"))
                let tunnel = ProxyTunnel(host: "evil.example", port: 22, through: proxy)
                do {
                    _ = try await tunnel.with(proxy) { _, _ in Issue.record("opened") }
                } catch let refusal as ProxyTunnel.Refusal {
                    #expect(refusal.status == 403)
                    #expect(refusal.description.contains("add \"evil.example:22\" to allow"))
                }
            }
        }
    }
}
