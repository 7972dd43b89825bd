import Synchronization

/// Wakes everyone who waits for a change.
final class Broadcaster: Sendable {
    private struct Listeners {
        var continuations: [Int: AsyncStream<Void>.Continuation] = [:]
        var next = 0
    }

    private let listeners = Mutex(Listeners())

    /// How many streams are being listened to.
    var count: Int { listeners.withLock { $0.continuations.count } }

    /// A stream with an element after every change; changes that nobody has read yet are one element.
    ///
    /// It is forgotten when whoever listens to it is cancelled or lets go of it.
    func subscribe() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = listeners.withLock { listeners in
            listeners.next += 1
            listeners.continuations[listeners.next] = continuation
            return listeners.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.listeners.withLock { $0.continuations[id] = nil }
        }
        return stream
    }

    /// Tells everyone.
    func notify() {
        listeners.withLock { listeners in
            for continuation in listeners.continuations.values { continuation.yield() }
        }
    }

    /// Ends all streams.
    func finish() {
        // Not within the lock: each end is told to ``subscribe()``'s handler, which takes it.
        for continuation in listeners.withLock({ Array($0.continuations.values) }) { continuation.finish() }
    }
}
