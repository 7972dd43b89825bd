import Domain
import NIOCore
import Synchronization

/// What the process of a chat has yet to say to the gateway.
///
/// Pieces of an answer that wait are one piece, so that a slow gateway costs no more than the text itself.
final class ChatOutbox: Sendable {
    /// Bytes of text that one message carries at most: escaped for JSON they fit.
    private static let pieceLimit = 8 << 10
    /// How long pieces gather before they are sent.
    private static let pace = Duration.milliseconds(50)

    private let reports = Mutex<[ChatReport]>([])
    /// Only that something came counts.
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    private let clock: any Clock<Duration>

    init(clock: any Clock<Duration>) {
        self.clock = clock
        (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// The messages as they are sent, to be iterated once.
    var texts: AsyncStream<ByteBuffer> {
        AsyncStream(unfolding: { [self] in await next().map { ByteBuffer(string: $0.json.compactText) } })
    }

    /// Adds one.
    func add(_ report: ChatReport) {
        reports.withLock { reports in
            if case .assistantMessage(let text, false) = reports.last,
                case .assistantMessage(let more, let isDone) = report
            {
                reports[reports.count - 1] = .assistantMessage(text + more, isDone: isDone)
            } else {
                reports.append(report)
            }
        }
        wake.yield()
    }

    /// Waits until there is one to send; `nil` = the chat is over.
    func next() async -> ChatReport? {
        while true {
            if let report = take() { return report }
            var iterator = wakes.makeAsyncIterator()
            guard await iterator.next() != nil else { return nil }
            // Cancelled: what is there is sent without waiting for more.
            try? await clock.sleep(for: Self.pace)
        }
    }

    private func take() -> ChatReport? {
        reports.withLock { reports in
            guard let first = reports.first else { return nil }
            if case .assistantMessage(let text, let isDone) = first, text.utf8.count > Self.pieceLimit {
                let piece = text.cut(toBytes: Self.pieceLimit)
                // By bytes: the piece may end within what is one character together with the rest.
                let rest = String(decoding: text.utf8.dropFirst(piece.utf8.count), as: UTF8.self)
                reports[0] = .assistantMessage(rest, isDone: isDone)
                return .assistantMessage(piece, isDone: false)
            }
            return reports.removeFirst()
        }
    }
}
