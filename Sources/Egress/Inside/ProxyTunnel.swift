package import Domain
import Foundation
import NIOCore
import NIOPosix

/// A tunnel through a proxy for HTTP.
package struct ProxyTunnel: Sendable {
    /// What the proxy said instead of opening it.
    package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        /// HTTP status; 0 = no answer.
        package var status: Int
        /// For people.
        package var description: String
    }

    private let host: String
    private let port: Int
    private let authorization: String?

    /// Describes a tunnel.
    ///
    /// - Parameters:
    ///   - host: name or address; IPv6 without brackets.
    ///   - port: 1–65535.
    ///   - authorization: value of `Proxy-Authorization`.
    init(host: String, port: Int, authorization: String?) {
        self.host = host
        self.port = port
        self.authorization = authorization
    }

    /// Describes a tunnel through a proxy that the environment names.
    package init(host: String, port: Int, through proxy: ProxyServer) {
        let login = proxy.login.map { Data("\($0.user):\($0.password)".utf8).base64EncodedString() }
        self.init(host: host, port: port, authorization: login.map { "Basic \($0)" })
    }

    private var target: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Asks for the tunnel.
    ///
    /// - Throws: ``Refusal``.
    func open(_ reader: inout ByteReader, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>) async throws {
        let field = authorization.map { "Proxy-Authorization: \($0)\r\n" } ?? ""
        try await outbound.write(ByteBuffer(string: "CONNECT \(target) HTTP/1.1\r\nHost: \(target)\r\n\(field)\r\n"))
        guard let head = try await reader.head(limit: 16 << 10) else {
            throw Refusal(status: 0, description: "the proxy closed the connection")
        }
        let line = head.prefix { !$0.isNewline }
        let status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        guard status != 200 else { return }
        while reader.buffered.count < 4096, try await reader.more() {}
        let text = String(buffer: reader.takeBuffered())
        let reason = text.isEmpty ? String(line) : text
        throw Refusal(status: status, description: reason.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Opens the tunnel, hands it to the body, and closes it.
    func with<Result: Sendable>(
        _ proxy: ProxyServer,
        _ body: (inout ByteReader, NIOAsyncChannelOutboundWriter<ByteBuffer>) async throws -> Result
    ) async throws -> Result {
        let stream = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: proxy.host, port: proxy.port) { channel in
                channel.eventLoop.makeCompletedFuture { try EgressStream.wrap(channel) }
            }
        return try await stream.executeThenClose { inbound, outbound in
            var reader = ByteReader(inbound.makeAsyncIterator())
            try await open(&reader, outbound)
            return try await body(&reader, outbound)
        }
    }

    /// Connects the standard streams of this process with the far end until that end is done: `al _connect`.
    ///
    /// - Throws: ``Refusal`` when the proxy does not open the tunnel.
    package func connectStandardStreams(through proxy: ProxyServer) async throws {
        let pipe = try await NIOPipeBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .takingOwnershipOfDescriptors(input: dup(0), output: dup(1)) { channel in
                channel.eventLoop.makeCompletedFuture { try EgressStream.wrap(channel) }
            }
        try await pipe.executeThenClose { input, output in
            try await with(proxy) { reader, outbound in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await input.copy(to: outbound) }
                    defer { group.cancelAll() }
                    try await reader.copy(to: output, of: pipe)
                }
            }
        }
    }
}
