import Synchronization

/// Hands each element to everyone who listens.
final class Broadcaster<Element: Sendable>: Sendable {
    private struct Listeners {
        var continuations: [Int: AsyncStream<Element>.Continuation] = [:]
        var next = 0
    }

    private let listeners = Mutex(Listeners())
    private let backlog: Int

    /// Who falls further behind than `backlog` elements loses the oldest of them.
    init(backlog: Int) { self.backlog = backlog }

    /// How many streams are being listened to.
    var count: Int { listeners.withLock { $0.continuations.count } }

    /// A stream of what is sent from now on.
    ///
    /// It is forgotten when whoever listens to it is cancelled or lets go of it.
    func subscribe() -> AsyncStream<Element> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Element.self,
            bufferingPolicy: .bufferingNewest(backlog)
        )
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
    func send(_ element: Element) {
        listeners.withLock { listeners in
            for continuation in listeners.continuations.values { continuation.yield(element) }
        }
    }

    /// Ends all streams.
    func finish() {
        // Not within the lock: each end is told to ``subscribe()``'s handler, which takes it.
        for continuation in listeners.withLock({ Array($0.continuations.values) }) { continuation.finish() }
    }
}

/// Wakes everyone who waits for a change; changes that nobody has read yet are one element.
extension Broadcaster<Void> {
    convenience init() { self.init(backlog: 1) }

    func notify() { send(()) }
}
