package import Domain
package import FoundationEssentials

/// What the gateway asks about chats: conversations of people with an agent in its container.
package protocol ChatPlane: Sendable {
    /// The chat with an agent, which is started unless there is one.
    ///
    /// - Throws: ``RefusalError``: `notFound`, `tooMany` beyond ``ChatLimits/sessions``, `conflict` or `stopping`.
    func openChat(with agent: String) async throws -> ChatOpening
    /// The live ones, oldest first.
    func chats() async -> [ChatStatus]
    /// Whether a chat lives and this is its token.
    func isChat(_ id: InstanceID, knownBy token: String) async -> Bool
    /// Something was said: the chat is not idle.
    func noteChatActivity(_ id: InstanceID) async
    /// Ends a chat; returns before its container is gone.
    ///
    /// - Throws: ``RefusalError`` (`notFound`).
    func closeChat(_ id: InstanceID, because reason: String) async throws
    /// The ends of chats from now on, to be iterated once.
    func chatEnds() async -> AsyncStream<ChatEnd>
}

/// The answer to ``ChatPlane/openChat(with:)``.
package struct ChatOpening: Hashable, Sendable {
    package var id: InstanceID
    /// It was not there before.
    package var isNew: Bool

    /// Collects both.
    package init(id: InstanceID, isNew: Bool) {
        self.id = id
        self.isNew = isNew
    }
}

/// A live chat.
package struct ChatStatus: Hashable, Sendable {
    package var id: InstanceID
    package var agent: AgentName
    package var openedAt: Date

    /// Collects the facts.
    package init(id: InstanceID, agent: AgentName, openedAt: Date) {
        self.id = id
        self.agent = agent
        self.openedAt = openedAt
    }
}

/// The end of a chat.
package struct ChatEnd: Hashable, Sendable {
    package var id: InstanceID
    /// For people.
    package var reason: String

    /// Collects both.
    package init(id: InstanceID, reason: String) {
        self.id = id
        self.reason = reason
    }
}
