package import Domain
import FoundationEssentials
import OrderedCollections
import Runtimes

extension Scheduler: ChatPlane {
    package func openChat(with name: String) async throws -> ChatOpening {
        let agent = try agent(named: name)
        try refuseWhenStopping()
        if let chat = chat(with: agent.name) { return ChatOpening(id: chat.id, isNew: false) }
        try refuseChat(with: agent)
        try await refuseWhenSpent(agent)
        // While the store was asked, somebody may have been faster, or the scheduler may have begun to stop.
        try refuseWhenStopping()
        if let chat = chat(with: agent.name) { return ChatOpening(id: chat.id, isNew: false) }
        guard liveChats.count < ChatLimits.sessions else {
            throw RefusalError(
                code: .tooMany,
                reason: "there are \(ChatLimits.sessions) chats already; end one of them first"
            )
        }
        let id = makeInstance(of: try chatName(of: agent.name))
        let secret = setup.makeUUID()
        let chat = LiveChat(
            id: id,
            agent: agent,
            secret: secret,
            token: setup.makeUUID(),
            output: RunOutput(
                chat: id,
                with: agent.name,
                secret: secret,
                hiding: redactors.redactor(of: agent),
                sink: setup.logSink,
                now: setup.now
            ),
            openedAt: setup.now(),
            activeAt: uptime()
        )
        liveChats[id] = chat
        secrets[chat.secret] = id
        log(.info, id, "chat opened")
        jobs.yield(.chat(id))
        return ChatOpening(id: id, isNew: true)
    }

    package func chats() -> [ChatStatus] {
        liveChats.values.map { ChatStatus(id: $0.id, agent: $0.agent.name, openedAt: $0.openedAt) }
            .sorted { ($0.openedAt, $0.id) < ($1.openedAt, $1.id) }
    }

    package func isChat(_ id: InstanceID, knownBy token: String) -> Bool {
        liveChats[id]?.token.utf8.isSameSecret(as: token.utf8) ?? false
    }

    package func noteChatActivity(_ id: InstanceID) { liveChats[id]?.activeAt = uptime() }

    package func closeChat(_ id: InstanceID, because reason: String) async throws {
        guard liveChats[id] != nil else { throw RefusalError(code: .notFound, reason: "Chat \(id) not found") }
        await endChat(id, because: reason)
    }

    package func chatEnds() -> AsyncStream<ChatEnd> { chatEndings.subscribe() }

    /// Takes the container of a chat away, or remembers to once it is up.
    func endChat(_ id: InstanceID, because reason: String) async {
        guard let chat = liveChats[id] else { return }
        liveChats[id]?.endReason = chat.endReason ?? reason
        do {
            try await killChat(id)
        } catch {
            jobs.yield(.end(id))
        }
    }

    func killChat(_ id: InstanceID) async throws {
        guard let handle = liveChats[id]?.handle else { return }
        try await setup.runtime.kill(handle, grace: .zero)
    }

    /// Ends all of them.
    func endChats(because reason: String) async {
        for id in liveChats.keys.sorted() { await endChat(id, because: reason) }
    }

    private func chat(with agent: AgentName) -> LiveChat? { liveChats.values.first { $0.agent.name == agent } }

    private func refuseChat(with agent: AgentConfig) throws {
        guard agent.scale > 0 else {
            throw RefusalError(code: .conflict, reason: "Agent \"\(agent.name)\" is disabled (scale = 0)")
        }
        guard isReady(agent.name) else {
            throw RefusalError(
                code: .conflict,
                reason: "Agent \"\(agent.name)\" has no image: it is being built, or that failed"
            )
        }
    }

    /// The name that stands in front of a chat's id, so that nobody takes it for a run.
    private func chatName(of agent: AgentName) throws -> AgentName {
        do {
            return try AgentName("\(agent)-chat")
        } catch {
            throw RefusalError(code: .conflict, reason: "Agent \"\(agent)\" has a name that is too long for a chat")
        }
    }
}
