import Domain
import Foundation
import NIOCore
import NIOPosix
import Serving
import Synchronization
import TestSupport
import Testing

@testable import Egress

/// A proxy, a server that repeats what it hears, and what the proxy recorded.
final class Cage: Sendable {
    let decisions = Mutex<[EgressDecision]>([])
    let directory = NSTemporaryDirectory() + "eg-\(UUID().uuidString.prefix(8))"
    private let allow: [String]
    private let gateway: EgressEndpoint?
    private let broker: SecretBroker?
    private let certificateFile: String?
    /// What every name resolves to.
    private let addresses: [String]

    init(
        allow: [String],
        addresses: [String] = ["127.0.0.1"],
        gateway: EgressEndpoint? = nil,
        broker: SecretBroker? = nil,
        certificateFile: String? = nil
    ) {
        self.allow = allow
        self.addresses = addresses
        self.gateway = gateway
        self.broker = broker
        self.certificateFile = certificateFile
    }

    var socketPath: String { "\(directory)/proxy" }

    /// Runs the body with the proxy's address and the port of the repeating server.
    func run(_ body: @Sendable @escaping (_ proxy: SocketAddress, _ port: Int) async throws -> Void) async throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let instance = try #require(InstanceID("dev-0a1b2c3d"))
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture { HeldChannel(try EgressStream.wrap(channel)) }
            }
        let port = try #require(server.channel.localAddress?.port)
        let (ready, isReady) = AsyncStream.makeStream(of: Void.self)
        let policy = EgressPolicy(allow: allow.map { $0.replacing("PORT", with: String(port)) }, gateway: gateway)
        let proxy = EgressProxy(
            socketPath: socketPath,
            surroundings: .init(
                grant: { $0 == "secret" ? EgressGrant(instance: instance, policy: policy, broker: self.broker) : nil },
                resolve: { _ in self.addresses },
                record: { decision in self.decisions.withLock { $0.append(decision) } },
                certificateFile: certificateFile,
                clock: TestClock()
            ),
            onServing: { isReady.yield() }
        )
        let address = try SocketAddress(unixDomainSocketPath: socketPath)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Being told to end is no failure.
                do { try await proxy.run() } catch { Issue.record("the proxy ended with \(error)") }
            }
            group.addTask { try await Self.repeatAll(server) }
            for await _ in ready {
                try await body(address, port)
                break
            }
            group.cancelAll()
            while await group.nextResult() != nil {}
        }
    }

    private static func repeatAll(_ server: NIOAsyncChannel<HeldChannel<EgressStream>, Never>) async throws {
        try await server.executeThenClose { clients in
            try await withThrowingDiscardingTaskGroup { group in
                for try await client in clients {
                    group.addTask {
                        try? await client.take().executeThenClose { inbound, outbound in
                            try await inbound.copy(to: outbound)
                        }
                    }
                }
            }
        }
    }

    /// Sends a request and what follows it, and reads until the other side is done.
    static func exchange(_ proxy: SocketAddress, _ parts: [String], then bytes: [UInt8] = []) async throws -> String {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(to: proxy) { channel in
                channel.eventLoop.makeCompletedFuture { try EgressStream.wrap(channel) }
            }
        return try await channel.executeThenClose { inbound, outbound in
            for part in parts { try await outbound.write(ByteBuffer(string: part)) }
            if !bytes.isEmpty { try await outbound.write(ByteBuffer(bytes: bytes)) }
            outbound.finish()
            var heard = ""
            for try await bytes in inbound { heard += String(buffer: bytes) }
            return heard
        }
    }
}
