import NIOCore

/// A connection as streams of bytes.
typealias EgressStream = NIOAsyncChannel<ByteBuffer, ByteBuffer>

extension EgressStream {
    /// Wraps a new channel; each side may finish by itself.
    static func wrap(_ channel: any Channel) throws -> EgressStream {
        try EgressStream(
            wrappingChannelSynchronously: channel,
            configuration: .init(isOutboundHalfClosureEnabled: true)
        )
    }
}

extension NIOAsyncChannelInboundStream<ByteBuffer> {
    /// Writes everything that comes to a peer, then says that it is all.
    func copy(to outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>) async throws {
        for try await bytes in self { try await outbound.write(bytes) }
        outbound.finish()
    }
}
