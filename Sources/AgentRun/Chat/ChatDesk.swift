import Synchronization

/// What the gateway asked for and the chat has not done yet.
final class ChatDesk: Sendable {
    /// Something that is done after what came before.
    enum Task: Hashable, Sendable {
        case answer(String)
        case forget
    }

    /// In order, to be iterated once; the gateway asks for one answer at a time, so that few ever wait.
    let tasks: AsyncStream<Task>
    private let feed: AsyncStream<Task>.Continuation
    private let turn = Mutex<AsyncStream<Void>.Continuation?>(nil)

    init() { (tasks, feed) = AsyncStream.makeStream(of: Task.self, bufferingPolicy: .bufferingOldest(16)) }

    func answer(_ text: String) { feed.yield(.answer(text)) }

    /// Ends the answer that is under way.
    func cancel() { turn.withLock { $0 }?.yield() }

    /// Ends the answer that is under way, and forgets everything.
    func forget() {
        cancel()
        feed.yield(.forget)
    }

    /// An answer begins.
    ///
    /// - Returns: has an element when it shall end.
    func beginTurn() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        turn.withLock { $0 = continuation }
        return stream
    }

    func endTurn() { turn.withLock { $0 = nil } }
}
