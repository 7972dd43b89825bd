import NIOCore
import NIOPosix
import Serving

/// The near end of the way out: what a sealed run listens on, on its own loopback address.
///
/// A run has no network but a socket that leads to the proxy. Tools know only host names and ports, so the run's process
/// offers the proxy as a port, and as another one what is known under the name `gateway`.
package struct EgressBridge: Sendable {
    private typealias Server = NIOAsyncChannel<HeldChannel<EgressStream>, Never>

    /// Name of the machine that starts the runs, as runs say it.
    package static let gatewayName = "gateway"

    /// Port of the gateway, as runs say it, wherever it listens outside: one that needs no rights to listen on.
    package static let gatewayPort = 8080

    private let socketPath: String
    private let token: String

    /// Describes the way.
    ///
    /// - Parameters:
    ///   - socketPath: the proxy's socket as the run sees it.
    ///   - token: what the run is known by.
    package init(socketPath: String, token: String) {
        self.socketPath = socketPath
        self.token = token
    }

    /// Listens as long as the body runs.
    ///
    /// - Parameters:
    ///   - gatewayPort: the port that leads to the same one of `gateway`; `nil` = none.
    ///   - body: gets the port on which the proxy is found.
    /// - Returns: what the body returns.
    /// - Throws: what the body throws, or why a port cannot be listened on.
    package func serving<Result: Sendable>(
        gatewayPort: Int?,
        _ body: @Sendable (_ proxyPort: Int) async throws -> Result
    ) async throws -> Result {
        let proxy = try await listen(0)
        let gateway: HeldChannel<Server>? = if let gatewayPort { try await listen(gatewayPort) } else { nil }
        let port = proxy.channel.localAddress?.port ?? 0
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await serve(proxy.take()) }
            if let gateway { group.addTask { try await serve(gateway.take(), leadingTo: gatewayPort) } }
            defer { group.cancelAll() }
            return try await body(port)
        }
    }

    private func listen(_ port: Int) async throws -> HeldChannel<Server> {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture { HeldChannel(try EgressStream.wrap(channel)) }
            }
        return HeldChannel(server)
    }

    private func serve(_ server: Server, leadingTo gatewayPort: Int? = nil) async throws {
        do {
            try await server.executeThenClose { clients in
                try await withThrowingDiscardingTaskGroup { group in
                    for try await client in clients {
                        group.addTask {
                            // A connection that breaks off is the business of whoever made it.
                            try? await carry(client.take(), to: gatewayPort)
                        }
                    }
                }
            }
        } catch is CancellationError {
            // The body is done.
        }
    }

    /// Carries a connection to the proxy, or through it to a port of `gateway`.
    private func carry(_ client: EgressStream, to gatewayPort: Int?) async throws {
        try await client.executeThenClose { inbound, outbound in
            let proxy = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .connect(unixDomainSocketPath: socketPath) { channel in
                    channel.eventLoop.makeCompletedFuture { try EgressStream.wrap(channel) }
                }
            try await proxy.executeThenClose { answers, requests in
                var reader = ByteReader(answers.makeAsyncIterator())
                if let gatewayPort {
                    let tunnel = ProxyTunnel(
                        host: Self.gatewayName,
                        port: gatewayPort,
                        authorization: "Bearer \(token)"
                    )
                    try await tunnel.open(&reader, requests)
                }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await inbound.copy(to: requests) }
                    defer { group.cancelAll() }
                    try await reader.copy(to: outbound, of: client)
                    // Both ways are over when the far end is: it has nobody left to listen.
                }
            }
        }
    }
}
