import NIOCore
import NIOPosix

/// One TCP connection on which a test sends whatever bytes it wants.
enum RawConnection {
    /// Answers longer than this are cut off.
    private static let answerLimit = 4 << 20

    /// Sends the chunks, closes its half of the connection and reads until the server closes the other one.
    ///
    /// - Returns: the bytes that came back; a connection that the server cut counts as ended.
    static func exchange(port: Int, _ chunks: [[UInt8]]) async throws -> [UInt8] {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true)
                    )
                }
            }
        do {
            return try await channel.executeThenClose { inbound, outbound in
                var answer: [UInt8] = []
                do {
                    for chunk in chunks { try await outbound.write(ByteBuffer(bytes: chunk)) }
                    outbound.finish()
                } catch {
                    // The server had enough before everything was sent; what it said is still to be read.
                }
                do {
                    for try await buffer in inbound where answer.count < answerLimit {
                        answer += buffer.readableBytesView
                    }
                } catch {
                    // Cut by the server: the answer ends here.
                }
                return answer
            }
        } catch is ChannelError {
            return []
        } catch is IOError {
            return []
        }
    }

    /// The status codes in an answer.
    static func statuses(in answer: [UInt8]) -> [Int] {
        let text = String(decoding: answer, as: UTF8.self)
        return text.matches(of: /HTTP\/1\.1 (\d{3})/).compactMap { Int($0.1) }
    }
}
