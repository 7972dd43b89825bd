/// Hands each event to everyone who listens.
struct EventBroadcast {
    /// Events that a reader may be behind.
    static let backlog = 1000

    private var listeners: [Int: AsyncStream<LifecycleEvent>.Continuation] = [:]
    private var next = 0

    mutating func subscribe() -> AsyncStream<LifecycleEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: LifecycleEvent.self,
            bufferingPolicy: .bufferingNewest(Self.backlog)
        )
        listeners[next] = continuation
        next += 1
        return stream
    }

    /// Tells everyone and forgets those who no longer listen.
    mutating func send(_ event: LifecycleEvent) {
        for (id, listener) in listeners {
            if case .terminated = listener.yield(event) { listeners[id] = nil }
        }
    }

    mutating func finish() {
        for listener in listeners.values { listener.finish() }
        listeners = [:]
    }
}
