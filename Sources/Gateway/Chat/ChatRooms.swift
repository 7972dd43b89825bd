import Domain
import FoundationEssentials
import Hummingbird
import Scheduler

/// The live chats: relays between the browsers and the container of each.
actor ChatRooms {
    private struct Room {
        var chat = ChatRoom()
        var browsers: [Int: EventBacklog] = [:]
        var container: EventBacklog?
    }

    private let chats: any ChatPlane
    private let mask: @Sendable (String) throws -> String
    private let now: @Sendable () -> Date
    private var rooms: [InstanceID: Room] = [:]
    private var seats = 0

    /// - Parameters:
    ///   - chats: starts and ends containers.
    ///   - mask: takes the values of stored credentials out of what an agent says.
    ///   - now: when something is said.
    init(
        chats: any ChatPlane,
        mask: @escaping @Sendable (String) throws -> String,
        now: @escaping @Sendable () -> Date
    ) {
        self.chats = chats
        self.mask = mask
        self.now = now
    }

    /// Ends the room of each chat that ends, until cancelled.
    func follow(_ ends: AsyncStream<ChatEnd>) async {
        for await end in ends {
            perform(in: end.id) { $0.end(because: end.reason) }
            rooms[end.id]?.browsers.values.forEach { $0.finish() }
            rooms[end.id]?.container?.finish()
            rooms[end.id] = nil
        }
    }

    /// The chat with an agent, opened unless there is one.
    func open(_ agent: String) async throws -> ChatOpening {
        let opening = try await chats.openChat(with: agent)
        if rooms[opening.id] == nil { rooms[opening.id] = Room() }
        // Its end may have been told before its room was there.
        if await !chats.chats().contains(where: { $0.id == opening.id }) { rooms[opening.id] = nil }
        return opening
    }

    /// How a chat stands; `nil` = there is none.
    func state(of id: InstanceID) -> ChatState? { rooms[id]?.chat.state }

    /// Forgets the conversation.
    ///
    /// - Throws: ``RefusalError`` (`notFound`).
    func clear(_ id: InstanceID) throws {
        guard rooms[id] != nil else { throw RefusalError(code: .notFound, reason: "Chat \(id) not found") }
        perform(in: id) { $0.take(.clear) }
    }

    /// - Throws: ``RefusalError`` (`notFound`).
    func close(_ id: InstanceID) async throws { try await chats.closeChat(id, because: "it was closed") }

    // MARK: Browsers

    /// A browser comes and gets the conversation so far.
    ///
    /// - Returns: its seat; `nil` = there is no such chat.
    func join(_ id: InstanceID, _ backlog: EventBacklog) -> Int? {
        guard rooms[id] != nil else { return nil }
        rooms[id]?.chat.time = time
        seats += 1
        rooms[id]?.browsers[seats] = backlog
        for entry in rooms[id]?.chat.picture ?? [] { Self.offer(entry.view, at: entry.at, to: backlog) }
        return seats
    }

    func leave(_ id: InstanceID, seat: Int) { rooms[id]?.browsers[seat] = nil }

    /// A browser says something.
    func take(_ order: ChatOrder, in id: InstanceID, from seat: Int) async {
        let effects = perform(in: id, from: seat) { $0.take(order) }
        if case .userMessage = order { await chats.noteChatActivity(id) }
        guard effects.contains(.close) else { return }
        // It may have ended by itself meanwhile, which comes to the same.
        try? await close(id)
    }

    /// Tells one browser something that is not part of the conversation.
    func tell(_ view: ChatView, in id: InstanceID, seat: Int) {
        guard let backlog = rooms[id]?.browsers[seat] else { return }
        Self.offer(view, at: time, to: backlog)
    }

    // MARK: Containers

    /// A container comes that has shown its token.
    ///
    /// - Returns: false when one is there already, or the chat is over.
    func containerArrived(_ id: InstanceID, _ backlog: EventBacklog) -> Bool {
        guard let room = rooms[id], room.container == nil else { return false }
        rooms[id]?.container = backlog
        perform(in: id) { $0.containerArrived() }
        return true
    }

    /// The container says something.
    func take(_ report: ChatReport, in id: InstanceID) async {
        let report = masked(report)
        perform(in: id) { $0.take(report) }
        // A tool may work longer than people may be silent.
        if report != .heartbeat || rooms[id]?.chat.state == .working { await chats.noteChatActivity(id) }
    }

    /// The container is gone, and with it the conversation as the model knows it.
    func containerLeft(_ id: InstanceID) async {
        rooms[id]?.container = nil
        // It may be over already.
        try? await chats.closeChat(id, because: "the agent's container is gone")
    }

    // MARK: Effects

    @discardableResult
    private func perform(
        in id: InstanceID,
        from seat: Int? = nil,
        _ change: (inout ChatRoom) -> [ChatRoom.Effect]
    ) -> [ChatRoom.Effect] {
        guard var chat = rooms[id]?.chat else { return [] }
        chat.time = time
        let effects = change(&chat)
        rooms[id]?.chat = chat
        for effect in effects {
            switch effect {
            case .tellContainer(let order):
                // An agent that does not listen is disconnected, which ends the chat.
                try? rooms[id]?.container?.offer(ByteBuffer(string: order.json.compactText))
            case .tellBrowsers(let view): rooms[id]?.browsers.values.forEach { Self.offer(view, at: chat.time, to: $0) }
            case .tellSender(let view): if let seat { tell(view, in: id, seat: seat) }
            case .close: break
            }
        }
        return effects
    }

    private var time: Int { now().epochMilliseconds }

    private static func offer(_ view: ChatView, at time: Int, to backlog: EventBacklog) {
        // A browser that does not read is disconnected; when it comes back it gets everything anew.
        try? backlog.offer(view.buffer(at: time))
    }

    private func masked(_ report: ChatReport) -> ChatReport {
        switch report {
        case .assistantMessage(let text, let isDone): .assistantMessage(masked(text), isDone: isDone)
        case .toolStart(let id, let tool, let input):
            .toolStart(id: id, tool: tool, input: input.mappingStrings(masked))
        case .toolResult(let id, let tool, let output, let isError):
            .toolResult(id: id, tool: tool, output: masked(output), isError: isError)
        case .error(let message): .error(masked(message))
        case .auth, .heartbeat: report
        }
    }

    private func masked(_ text: String) -> String {
        // Where it is not known what is secret, nothing is shown.
        (try? mask(text)) ?? "[masked]"
    }
}
