import Domain
import Testing

@testable import Gateway

@Suite("What a message changes in a chat")
struct ChatRoomTests {
    private let done = ChatReport.assistantMessage("", isDone: true)

    private func ready() -> ChatRoom {
        var room = ChatRoom()
        _ = room.containerArrived()
        return room
    }

    private func states(_ effects: [ChatRoom.Effect]) -> [ChatState] {
        effects.compactMap { if case .tellBrowsers(.session(let state, isFresh: false)) = $0 { state } else { nil } }
    }

    @Test("a message goes to the container, and the agent works until it says that it is done")
    func answer() {
        var room = ready()
        #expect(
            room.take(.userMessage("hi")) == [
                .tellBrowsers(.user("hi")), .tellBrowsers(.session(.working, isFresh: false)),
                .tellContainer(.userMessage("hi")),
            ]
        )
        let piece = ChatReport.assistantMessage("yes", isDone: false)
        #expect(room.take(piece) == [.tellBrowsers(.report(piece))])
        #expect(states(room.take(done)) == [.ready])
        #expect(room.picture.count == 3)
    }

    @Test("while the agent answers another message is refused to whoever sent it")
    func busy() {
        var room = ready()
        _ = room.take(.userMessage("hi"))
        guard case .tellSender(.report(.error))? = room.take(.userMessage("again")).first else {
            Issue.record("not refused")
            return
        }
        #expect(!room.picture.map(\.view).contains(.user("again")))
    }

    @Test("what is said before the container is there waits for it, once, unless it is taken back")
    func pending() {
        var room = ChatRoom()
        #expect(room.take(.userMessage("hi")) == [.tellBrowsers(.user("hi"))])
        guard case .tellSender? = room.take(.userMessage("more")).first else { Issue.record("not refused"); return }
        #expect(room.containerArrived().last == .tellContainer(.userMessage("hi")))
        #expect(room.state == .working)
        var other = ChatRoom()
        _ = other.take(.userMessage("hi"))
        _ = other.take(.cancel)
        #expect(states(other.containerArrived()) == [.ready])
    }

    @Test("cancel goes to the container only while it answers")
    func cancel() {
        var room = ready()
        #expect(room.take(.cancel).isEmpty)
        _ = room.take(.userMessage("hi"))
        #expect(room.take(.cancel) == [.tellContainer(.cancel)])
    }

    @Test("after a clear nothing of the old conversation is shown, not even the rest of an answer")
    func clear() {
        var room = ready()
        _ = room.take(.userMessage("hi"))
        #expect(room.take(.clear) == [.tellContainer(.clear), .tellBrowsers(.session(.working, isFresh: true))])
        #expect(room.take(.assistantMessage("late", isDone: false)).isEmpty)
        #expect(states(room.take(done)) == [.ready])
        #expect(room.picture.map(\.view) == [.session(.ready, isFresh: true)])
        _ = room.take(.userMessage("new"))
        #expect(!room.take(.assistantMessage("fresh", isDone: false)).isEmpty)
    }

    @Test("a heartbeat is nobody's business; the end is everybody's")
    func others() {
        var room = ready()
        #expect(room.take(.heartbeat).isEmpty)
        #expect(room.take(.shutdown) == [.close])
        let end = room.end(because: "x")
        #expect(end.first == .tellBrowsers(.report(.error("The chat has ended: x."))))
        #expect(states(end) == [.ended])
        #expect(room.take(.userMessage("hi")).isEmpty)
    }

    @Test("pieces of an answer are kept as one; of what is too much the oldest goes")
    func memory() {
        var conversation = ChatConversation()
        for piece in ["a", "b"] { conversation.add(.report(.assistantMessage(piece, isDone: false)), at: 1) }
        conversation.add(.report(.assistantMessage("", isDone: true)), at: 2)
        #expect(conversation.entries == [.init(.report(.assistantMessage("ab", isDone: true)), at: 1)])
        conversation.add(.report(.heartbeat), at: 3)
        conversation.add(.session(.ready, isFresh: false), at: 3)
        #expect(conversation.entries.count == 1)
        let long = String(repeating: "x", count: 60_000)
        for number in 1...20 { conversation.add(.user("\(number) \(long)"), at: number) }
        let size = conversation.entries.reduce(0) { $0 + $1.view.json.compactText.utf8.count }
        #expect(size <= ChatConversation.limit)
        #expect(conversation.entries.last?.view == .user("20 \(long)"))
        #expect(conversation.entries.count > 5)
    }
}
