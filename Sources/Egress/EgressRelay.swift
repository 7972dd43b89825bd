import NIOCore

/// Carries bytes between a run and a server until one side is done or nothing has passed for too long.
struct EgressRelay: Sendable {
    /// What may go out.
    enum Outgoing: Hashable, Sendable {
        /// Everything, once its beginning was looked at.
        case tunnel(TunnelInspection)
        /// The rest of one request; a further one could name another host.
        case body(bytes: Int)
    }

    /// A connection over which nothing passes for this long ends.
    static let idleLimit = Duration.seconds(300)

    let client: EgressStream
    let clock: any Clock<Duration>
    let traffic = Traffic()

    /// Carries both ways; what the server says passes at once, for in some protocols it speaks first.
    ///
    /// - Returns: what speaks against the client's first bytes, of which none was sent on.
    func carry(
        _ reader: inout ByteReader,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ upstream: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        _ outgoing: Outgoing
    ) async throws -> EgressDecision.Refusal? {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for try await bytes in inbound {
                    traffic.count(incoming: bytes.readableBytes)
                    try await outbound.write(bytes)
                }
                try await client.flushed()
                outbound.finish()
                // What the client still wants to say has no listener.
                try await client.channel.close()
            }
            group.addTask {
                while true {
                    let before = traffic.moves
                    try await clock.sleep(for: Self.idleLimit)
                    if traffic.moves == before { return try await client.channel.close() }
                }
            }
            defer { group.cancelAll() }
            switch outgoing {
            case .tunnel(let inspection):
                if let refusal = try await inspect(&reader, inspection) { return refusal }
                try await sendAll(&reader, .max, to: upstream)
            case .body(let bytes):
                try await sendAll(&reader, bytes, to: upstream)
            }
            try await group.next()
            return nil
        }
    }

    /// Sends so many bytes of the client, hears the rest, and tells the server when that has ended.
    private func sendAll(
        _ reader: inout ByteReader,
        _ limit: Int,
        to upstream: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws {
        guard try await send(&reader, limit, to: upstream) else { return }
        while try await reader.next() != nil {}
        upstream.finish()
    }

    private func inspect(
        _ reader: inout ByteReader,
        _ inspection: TunnelInspection
    ) async throws -> EgressDecision.Refusal? {
        var isAtEnd = false
        while true {
            switch inspection.judge(reader.buffered, isAtEnd: isAtEnd) {
            case .passes: return nil
            case .refused(let refusal): return refusal
            case .undecided: isAtEnd = try await !reader.more()
            }
        }
    }

    /// Sends so many bytes of the client, or all there will be; `false` = the server listens no longer.
    private func send(
        _ reader: inout ByteReader,
        _ limit: Int,
        to upstream: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws -> Bool {
        var left = limit
        var next: ByteBuffer? = reader.takeBuffered()
        while var bytes = next, left > 0 {
            let count = min(left, bytes.readableBytes)
            if count > 0, let part = bytes.readSlice(length: count) {
                traffic.count(outgoing: count)
                do {
                    try await upstream.write(part)
                } catch {
                    // What the server said before still has to arrive.
                    return false
                }
            }
            left -= count
            guard left > 0 else { return true }
            next = try await reader.next()
        }
        return true
    }
}
