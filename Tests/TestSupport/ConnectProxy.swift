import NIOCore
import NIOPosix
import Serving
import Synchronization

/// A proxy on this machine that tunnels every connection to one port, whatever name was asked for.
package final class ConnectProxy: Sendable {
    private struct State {
        var requests: [String] = []
        var logins: [String] = []
    }

    private let target: Int
    private let refusal: String?
    private let state = Mutex(State())

    private init(target: Int, refusal: String?) {
        self.target = target
        self.refusal = refusal
    }

    /// First lines of the requests so far.
    package var requests: [String] { state.withLock { $0.requests } }

    /// Values of `proxy-authorization` so far.
    package var logins: [String] { state.withLock { $0.logins } }

    /// Runs a proxy on a free port for as long as the body runs.
    ///
    /// - Parameters:
    ///   - target: the port that every tunnel leads to.
    ///   - refusal: a status line that answers every request instead.
    ///   - body: gets the proxy and `127.0.0.1:<port>`.
    /// - Returns: what the body returns.
    /// - Throws: what the body throws, or that the proxy could not start.
    package static func run<Result: Sendable>(
        target: Int,
        refusal: String? = nil,
        body: @escaping @Sendable (ConnectProxy, String) async throws -> Result
    ) async throws -> Result {
        let proxy = ConnectProxy(target: target, refusal: refusal)
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    HeldChannel(try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel))
                }
            }
        let address = "127.0.0.1:\(server.channel.localAddress?.port ?? 0)"
        return try await server.executeThenClose { connections in
            try await withThrowingTaskGroup(of: Result?.self) { group in
                group.addTask {
                    try await withThrowingDiscardingTaskGroup { tunnels in
                        for try await connection in connections {
                            // A tunnel that breaks is the business of its two ends.
                            tunnels.addTask { try? await proxy.serve(connection.take()) }
                        }
                    }
                    return nil
                }
                group.addTask { try await body(proxy, address) }
                defer { group.cancelAll() }
                for try await result in group {
                    if let result { return result }
                }
                throw CancellationError()
            }
        }
    }

    private func serve(_ client: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async throws {
        try await client.executeThenClose { inbound, outbound in
            var incoming = inbound.makeAsyncIterator()
            var head = ""
            while !head.contains("\r\n\r\n"), let part = try await incoming.next() { head += String(buffer: part) }
            note(head)
            if let refusal {
                return try await outbound.write(ByteBuffer(string: "HTTP/1.1 \(refusal)\r\ncontent-length: 0\r\n\r\n"))
            }
            let server = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: target) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
            try await server.executeThenClose { answers, questions in
                try await outbound.write(ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r\n"))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { for try await part in answers { try await outbound.write(part) } }
                    while let part = try await incoming.next() { try await questions.write(part) }
                    group.cancelAll()
                }
            }
        }
    }

    private func note(_ head: String) {
        let lines = head.split(separator: "\r\n")
        let logins = lines.filter { $0.lowercased().hasPrefix("proxy-authorization:") }.map {
            $0.drop { $0 != ":" }.dropFirst().trimmingPrefix(" ")
        }
        state.withLock { state in
            state.requests.append(String(lines.first ?? ""))
            state.logins += logins.map { String($0) }
        }
    }
}
