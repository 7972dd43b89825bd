import Domain
import Foundation
import Scheduler

/// Chats without containers, opened and ended at once.
actor FakeChats: ChatPlane {
    private var live: [ChatStatus] = []
    private var listeners: [AsyncStream<ChatEnd>.Continuation] = []
    private var refusal: RefusalError?
    private(set) var activity = 0
    /// Why chats were ended, in order.
    private(set) var ends: [String] = []

    /// What the container of every chat is known by.
    static let token = "token-of-the-container"

    func refuse(_ refusal: RefusalError?) { self.refusal = refusal }

    func openChat(with agent: String) throws -> ChatOpening {
        if let refusal { throw refusal }
        if let chat = live.first(where: { $0.agent.rawValue == agent }) {
            return ChatOpening(id: chat.id, isNew: false)
        }
        let name = try AgentName(agent)
        let id = InstanceID(agent: try AgentName("\(agent)-chat"), run: RunID(bits: UInt32(live.count + 1)))
        live.append(ChatStatus(id: id, agent: name, openedAt: Date(timeIntervalSince1970: 0)))
        return ChatOpening(id: id, isNew: true)
    }

    func chats() -> [ChatStatus] { live }

    func isChat(_ id: InstanceID, knownBy token: String) -> Bool {
        live.contains { $0.id == id } && token == Self.token
    }

    func noteChatActivity(_ id: InstanceID) { activity += 1 }

    func closeChat(_ id: InstanceID, because reason: String) throws {
        guard live.contains(where: { $0.id == id }) else {
            throw RefusalError(code: .notFound, reason: "Chat \(id) not found")
        }
        live.removeAll { $0.id == id }
        ends.append(reason)
        listeners.forEach { $0.yield(ChatEnd(id: id, reason: reason)) }
    }

    func chatEnds() -> AsyncStream<ChatEnd> {
        let (stream, continuation) = AsyncStream.makeStream(of: ChatEnd.self)
        listeners.append(continuation)
        return stream
    }
}
