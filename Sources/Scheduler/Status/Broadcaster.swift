/// Wakes everyone who waits for a change.
struct Broadcaster {
    private var continuations: [Int: AsyncStream<Void>.Continuation] = [:]
    private var next = 0

    /// A stream with an element after every change; changes that nobody has read yet are one element.
    mutating func subscribe() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        continuations[next] = continuation
        next += 1
        return stream
    }

    /// Tells everyone and forgets those who no longer listen.
    mutating func notify() {
        for (id, continuation) in continuations {
            if case .terminated = continuation.yield() { continuations[id] = nil }
        }
    }

    /// Ends all streams.
    mutating func finish() {
        for continuation in continuations.values { continuation.finish() }
        continuations = [:]
    }
}
