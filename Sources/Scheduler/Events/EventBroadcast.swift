/// Hands each event to everyone who listens.
struct EventBroadcast<Event: Sendable> {
    /// Events that a reader may be behind.
    static var backlog: Int { 1000 }

    private var listeners: [Int: AsyncStream<Event>.Continuation] = [:]
    private var next = 0

    mutating func subscribe() -> AsyncStream<Event> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Event.self,
            bufferingPolicy: .bufferingNewest(Self.backlog)
        )
        listeners[next] = continuation
        next += 1
        return stream
    }

    /// Tells everyone and forgets those who no longer listen.
    mutating func send(_ event: Event) {
        for (id, listener) in listeners {
            if case .terminated = listener.yield(event) { listeners[id] = nil }
        }
    }

    mutating func finish() {
        for listener in listeners.values { listener.finish() }
        listeners = [:]
    }
}
