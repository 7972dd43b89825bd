import Domain
import Synchronization
import Terminal

/// What happened since the live view last looked.
///
/// Keys are kept in order; everything else is worth its latest value only, so that a terminal that takes nothing for an hour costs
/// nothing. One reader.
final class LiveInbox: Sendable {
    /// What there is to do.
    struct Content: Sendable {
        var keys: [Key] = []
        var snapshot: LiveSnapshot?
        var hasTicked = false
        var isResized = false
        /// What came of the last order that was carried out.
        var notice: StyledText?
        /// A conversation that was asked for, with what there is of it.
        var opened: (conversation: LiveConversation, lines: [StyledText])?
        /// Agents whose conversation was opened, or could not be.
        var answered: Set<AgentName> = []
    }

    /// An element whenever there is something.
    let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    private let content = Mutex(Content())

    init() { (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1)) }

    /// Puts something in.
    func post(_ change: (inout Content) -> Void) {
        content.withLock { change(&$0) }
        wake.yield()
    }

    /// Takes everything out.
    func take() -> Content {
        content.withLock { content in
            defer { content = Content() }
            return content
        }
    }
}
