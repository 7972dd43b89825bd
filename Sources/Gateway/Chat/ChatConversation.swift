import Domain

/// What was said in a chat, for browsers that come later; the oldest is forgotten first.
struct ChatConversation: Hashable, Sendable {
    /// Bytes that are kept.
    static let limit = 512 << 10
    /// Bytes to which pieces of an answer are put together.
    private static let pieceLimit = 16 << 10

    private(set) var views: [ChatView] = []
    private var sizes: [Int] = []
    private var size = 0

    /// Keeps one more; heartbeats and states are not kept.
    mutating func add(_ view: ChatView) {
        switch view {
        case .session, .report(.heartbeat), .report(.auth): return
        default: break
        }
        if let joined = views.last?.joined(with: view, upTo: Self.pieceLimit) {
            removeLast()
            append(joined)
        } else {
            append(view)
        }
        forgetTheOldest()
    }

    private mutating func append(_ view: ChatView) {
        views.append(view)
        sizes.append(view.json.compactText.utf8.count)
        size += sizes.last ?? 0
    }

    private mutating func removeLast() {
        views.removeLast()
        size -= sizes.removeLast()
    }

    private mutating func forgetTheOldest() {
        var count = 0
        while size > Self.limit, count < sizes.count - 1 {
            size -= sizes[count]
            count += 1
        }
        views.removeFirst(count)
        sizes.removeFirst(count)
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
