import NIOCore

/// Reads a connection from its beginning: first a head, then whatever follows.
struct ByteReader {
    private var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    /// Read and not yet used.
    private(set) var buffered: [UInt8] = []

    init(_ iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator) { self.iterator = iterator }

    /// The text before the first empty line; `nil` when the limit or the end comes first.
    mutating func head(limit: Int) async throws -> String? {
        let end: [UInt8] = [13, 10, 13, 10]
        var searched = 0
        while true {
            if let start = Self.position(of: end, in: buffered, from: searched) {
                let head = String(decoding: buffered[..<start], as: UTF8.self)
                buffered.removeFirst(start + end.count)
                return head
            }
            searched = max(0, buffered.count - end.count + 1)
            guard buffered.count <= limit, try await more() else { return nil }
        }
    }

    /// Waits for further bytes; `false` at the end.
    mutating func more() async throws -> Bool {
        guard let bytes = try await iterator.next(isolation: #isolation) else { return false }
        buffered += bytes.readableBytesView
        return true
    }

    /// Hands over what was read ahead.
    mutating func takeBuffered() -> ByteBuffer {
        defer { buffered = [] }
        return ByteBuffer(bytes: buffered)
    }

    /// The next bytes of the connection; `nil` at the end.
    mutating func next() async throws -> ByteBuffer? { try await iterator.next(isolation: #isolation) }

    /// Writes everything that was read ahead or still comes to a peer, then says that it is all.
    mutating func copy(to outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>, of peer: EgressStream) async throws {
        var bytes: ByteBuffer? = takeBuffered()
        while let next = bytes {
            if next.readableBytes > 0 { try await outbound.write(next) }
            bytes = try await self.next()
        }
        try await peer.flushed()
        outbound.finish()
    }

    private static func position(of pattern: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count >= pattern.count else { return nil }
        return (start...max(start, bytes.count - pattern.count)).first { index in
            index + pattern.count <= bytes.count && bytes[index..<index + pattern.count].elementsEqual(pattern)
        }
    }
}
