import Foundation
import NIOCore
import NIOPosix
import ServiceLifecycle
import Serving

/// The one way out of sealed runs: a proxy for HTTP and for tunnels (CONNECT), which it opens for listed hosts only.
///
/// Runs are known by their token. Names are resolved here, and the connection goes to the address that was checked, so that a
/// second answer of the name server changes nothing.
package struct EgressProxy: Service {
    /// What the proxy asks and tells.
    package struct Surroundings: Sendable {
        /// Whose token it is; `nil` = nobody's.
        package var grant: @Sendable (_ token: String) async -> EgressGrant?
        /// The addresses of a name; empty when it has none.
        package var resolve: @Sendable (_ name: String) async -> [String]
        /// Called once for each connection: when it is refused, or when it is over.
        package var record: @Sendable (EgressDecision) async -> Void
        /// PEM file with the authorities that hosts are believed by whose tunnels are opened; `nil` = those of the machine.
        package var certificateFile: String?
        /// Measures idle time.
        package var clock: any Clock<Duration>

        /// Collects the parts.
        package init(
            grant: @escaping @Sendable (String) async -> EgressGrant?,
            resolve: @escaping @Sendable (String) async -> [String] = NameResolution.addresses,
            record: @escaping @Sendable (EgressDecision) async -> Void,
            certificateFile: String? = nil,
            clock: any Clock<Duration>
        ) {
            self.grant = grant
            self.resolve = resolve
            self.record = record
            self.certificateFile = certificateFile
            self.clock = clock
        }
    }

    private let socketPath: String
    private let surroundings: Surroundings
    private let onServing: @Sendable () async -> Void

    /// Prepares to serve; nothing listens yet.
    ///
    /// - Parameters:
    ///   - socketPath: where it listens; a socket that an earlier process left there is replaced.
    ///   - surroundings: what it asks and tells.
    ///   - onServing: called once it listens.
    package init(
        socketPath: String,
        surroundings: Surroundings,
        onServing: @escaping @Sendable () async -> Void = {}
    ) {
        self.socketPath = socketPath
        self.surroundings = surroundings
        self.onServing = onServing
    }

    /// Serves until graceful shutdown or cancellation; open connections end with it.
    ///
    /// - Throws: when the socket cannot be made.
    package func run() async throws {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(unixDomainSocketPath: socketPath, cleanupExistingSocketFile: true) { channel in
                channel.eventLoop.makeCompletedFuture { HeldChannel(try EgressStream.wrap(channel)) }
            }
        let counts = ConnectionCounts()
        do {
            try await cancelWhenGracefulShutdown {
                try await server.executeThenClose { clients in
                    // The user of a container is another one than ours; what keeps others out is the directory around.
                    try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: socketPath)
                    await onServing()
                    try await serve(clients, counts)
                }
            }
        } catch is CancellationError {
            // That is how it ends: nobody has failed.
        }
    }

    private func serve(
        _ clients: NIOAsyncChannelInboundStream<HeldChannel<EgressStream>>,
        _ counts: ConnectionCounts
    ) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for try await client in clients {
                let stranger = counts.enterStranger(client.channel)
                group.addTask {
                    await EgressConnection(
                        surroundings: surroundings,
                        counts: counts,
                        client: client.take(),
                        stranger: stranger
                    ).serve()
                }
            }
        }
    }
}
