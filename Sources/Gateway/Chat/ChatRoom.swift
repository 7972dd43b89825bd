import Domain

/// One chat between browsers and a container: what each message changes, and who has to hear of it.
///
/// It knows no connections; ``ChatRooms`` does what it says.
struct ChatRoom: Hashable, Sendable {
    /// What has to be done.
    enum Effect: Hashable, Sendable {
        case tellContainer(ChatOrder)
        case tellBrowsers(ChatView)
        /// Only whoever sent the message.
        case tellSender(ChatView)
        case close
    }

    /// When that happens which is told next, in milliseconds since 1970.
    var time = 0
    private(set) var state = ChatState.starting
    private(set) var conversation = ChatConversation()
    /// What was said before the container was there.
    private var pending: String?
    /// The conversation was forgotten while the agent answered: the rest of that answer is of no use.
    private var discards = false

    /// What somebody who comes now is shown.
    var picture: [ChatConversation.Entry] { [.init(.session(state, isFresh: true), at: time)] + conversation.entries }

    /// A person says something, or the gateway in their place.
    mutating func take(_ order: ChatOrder) -> [Effect] {
        switch order {
        case .userMessage(let text): return say(text)
        case .cancel:
            if state == .working { return [.tellContainer(.cancel)] }
            guard pending != nil else { return [] }
            pending = nil
            return [tell(.report(.error("The message was taken back before the agent was there.")))]
        case .clear:
            conversation = ChatConversation()
            pending = nil
            discards = state == .working
            let fresh = Effect.tellBrowsers(.session(state, isFresh: true))
            return state == .starting ? [fresh] : [.tellContainer(.clear), fresh]
        case .shutdown: return [.close]
        }
    }

    private mutating func say(_ text: String) -> [Effect] {
        switch state {
        case .working: return [.tellSender(.report(.error("The agent is still answering. Stop it first.")))]
        case .ended: return []
        case .starting:
            guard pending == nil else {
                return [.tellSender(.report(.error("The agent is still starting; it will answer the first message.")))]
            }
            pending = text
            return [tell(.user(text))]
        case .ready: return [tell(.user(text))] + change(to: .working) + [.tellContainer(.userMessage(text))]
        }
    }

    /// The container has shown its token.
    mutating func containerArrived() -> [Effect] {
        guard let text = pending else { return change(to: .ready) }
        pending = nil
        return change(to: .working) + [.tellContainer(.userMessage(text))]
    }

    /// The container says something.
    mutating func take(_ report: ChatReport) -> [Effect] {
        let isDone = if case .assistantMessage(_, isDone: true) = report { true } else { false }
        guard !discards else {
            discards = !isDone
            return isDone ? change(to: .ready) : []
        }
        switch report {
        case .heartbeat, .auth: return []
        case .assistantMessage, .toolStart, .toolResult, .error:
            return [tell(.report(report))] + (isDone ? change(to: .ready) : [])
        }
    }

    /// It is over.
    mutating func end(because reason: String) -> [Effect] {
        [tell(.report(.error("The chat has ended: \(reason).")))] + change(to: .ended)
    }

    private mutating func change(to state: ChatState) -> [Effect] {
        self.state = state
        return [.tellBrowsers(.session(state, isFresh: false))]
    }

    private mutating func tell(_ view: ChatView) -> Effect {
        conversation.add(view, at: time)
        return .tellBrowsers(view)
    }
}
