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

    /// Waits until everything that was written has left this process.
    ///
    /// A channel that is closed throws away what its peer has not made room for yet, also where only its output is to end and its
    /// input has ended before.
    func flushed() async throws {
        try await withTaskCancellationHandler {
            // What was written before goes before it.
            try await channel.writeAndFlush(ByteBuffer()).get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }
}

extension NIOAsyncChannelInboundStream<ByteBuffer> {
    /// Writes everything that comes to a peer, then says that it is all.
    func copy(to outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>) async throws {
        for try await bytes in self { try await outbound.write(bytes) }
        outbound.finish()
    }
}
