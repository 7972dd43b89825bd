import Foundation
import NIOCore
import NIOPosix
import Terminal

/// The terminal as keys that come and text that goes, neither of which ever blocks a thread.
///
/// It is opened anew, because what is not to block must be told to the open file, and the standard streams are shared with the shell.
enum TerminalChannel {
    /// Keys that came.
    typealias Keys = NIOAsyncChannelInboundStream<Key>
    /// Where text goes; writing waits while the terminal takes nothing.
    typealias Screen = NIOAsyncChannelOutboundWriter<ByteBuffer>

    /// Runs a body with the terminal opened.
    ///
    /// - Throws: when there is no terminal, and what the body throws.
    static func with<Result: Sendable>(
        _ body: @escaping @Sendable (Keys, Screen) async throws -> Result
    ) async throws -> Result {
        let input = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC)
        let output = open("/dev/tty", O_WRONLY | O_NOCTTY | O_CLOEXEC)
        guard input >= 0, output >= 0 else { throw Failure("Error: the terminal cannot be opened.") }
        let channel = try await NIOPipeBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .takingOwnershipOfDescriptors(input: input, output: output) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(KeyHandler())
                    return try NIOAsyncChannel<Key, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { try await body($0, $1) }
    }
}
