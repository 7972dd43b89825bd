import Domain

/// What was said in a chat, for browsers that come later; the oldest is forgotten first.
struct ChatConversation: Hashable, Sendable {
    /// Something that was said.
    struct Entry: Hashable, Sendable {
        var view: ChatView
        /// Milliseconds since 1970.
        var at: Int
        fileprivate let size: Int

        init(_ view: ChatView, at time: Int) {
            self.view = view
            at = time
            size = view.json.compactText.utf8.count
        }
    }

    /// Bytes that are kept.
    static let limit = 512 << 10
    /// Bytes to which pieces of an answer are put together.
    private static let pieceLimit = 16 << 10

    private(set) var entries: [Entry] = []
    private var size = 0

    /// Keeps one more; heartbeats and states are not kept.
    mutating func add(_ view: ChatView, at time: Int) {
        switch view {
        case .session, .report(.heartbeat), .report(.auth): return
        default: break
        }
        if let last = entries.last, let joined = last.view.joined(with: view, upTo: Self.pieceLimit) {
            size -= last.size
            entries[entries.count - 1] = Entry(joined, at: last.at)
        } else {
            entries.append(Entry(view, at: time))
        }
        size += entries.last?.size ?? 0
        forgetTheOldest()
    }

    private mutating func forgetTheOldest() {
        var count = 0
        while size > Self.limit, count < entries.count - 1 {
            size -= entries[count].size
            count += 1
        }
        entries.removeFirst(count)
    }
}

extension ChatView {
    /// Two pieces of one answer as one; `nil` = they are not, or it would be longer than so many bytes.
    fileprivate func joined(with next: ChatView, upTo limit: Int) -> ChatView? {
        guard case .report(.assistantMessage(let text, false)) = self,
            case .report(.assistantMessage(let more, let isDone)) = next,
            text.utf8.count + more.utf8.count <= limit
        else { return nil }
        return .report(.assistantMessage(text + more, isDone: isDone))
    }
}
