import Hummingbird
import Synchronization

/// What waits to be written to one client of an event stream, at most 1 MiB.
///
/// Whoever produces events never waits for the client; a client that does not read is disconnected instead. Reading from a
/// file, where everything is there at once, is slowed down to the client's pace by ``offerInTurn(_:)``.
final class EventBacklog: Sendable {
    /// Bytes that may wait.
    static let limit = 1 << 20
    /// Bytes that may wait while a reader of files goes on.
    private static let comfortable = 256 << 10
    /// How long a client may take nothing while a reader of files waits for it.
    private static let patience = Duration.seconds(30)

    /// The events, to be iterated once, by the writer; unbounded, because ``offer(_:)`` counts bytes.
    let events: AsyncStream<ByteBuffer>
    private let feed: AsyncStream<ByteBuffer>.Continuation
    /// Wakes the reader that waits for room; only the latest wake-up counts.
    private let drained: AsyncStream<Void>
    private let drain: AsyncStream<Void>.Continuation
    private let waiting = Mutex(0)
    private let clock: any Clock<Duration>
    private let disconnect: @Sendable () -> Void

    /// A backlog without events.
    ///
    /// - Parameters:
    ///   - clock: measures the client's silence.
    ///   - disconnect: closes the client's connection.
    init(clock: any Clock<Duration>, disconnect: @escaping @Sendable () -> Void) {
        (events, feed) = AsyncStream.makeStream(of: ByteBuffer.self, bufferingPolicy: .unbounded)
        (drained, drain) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.clock = clock
        self.disconnect = disconnect
    }

    /// Adds an event.
    ///
    /// - Throws: `CancellationError` when the client was disconnected because too much waits for it.
    func offer(_ event: ByteBuffer) throws {
        let size = waiting.withLock { waiting in
            waiting += event.readableBytes
            return waiting
        }
        guard size <= Self.limit || size == event.readableBytes else { throw giveUp() }
        feed.yield(event)
    }

    /// Notes that an event was written.
    func written(_ event: ByteBuffer) {
        waiting.withLock { $0 -= event.readableBytes }
        drain.yield()
    }

    /// Ends the stream behind the events that wait.
    func finish() { feed.finish() }

    /// Adds an event once most of what was offered before is written; one that is large has the client to itself.
    ///
    /// - Throws: `CancellationError` when the client took nothing for too long and was disconnected.
    func offerInTurn(_ event: ByteBuffer) async throws {
        while waiting.withLock({ $0 > 0 && $0 + event.readableBytes > Self.comfortable }) {
            let isDrained = await withTaskGroup(of: Bool.self) { group in
                group.addTask { [drained] in await drained.first { _ in true } != nil }
                group.addTask { [clock] in
                    // The sleep fails only when the stream ends.
                    try? await clock.sleep(for: Self.patience)
                    return false
                }
                defer { group.cancelAll() }
                return await group.next() ?? false
            }
            try Task.checkCancellation()
            guard isDrained else { throw giveUp() }
        }
        try offer(event)
    }

    private func giveUp() -> CancellationError {
        feed.finish()
        disconnect()
        return CancellationError()
    }
}
