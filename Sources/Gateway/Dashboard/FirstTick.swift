import Synchronization

/// True once.
final class FirstTick: Sendable {
    private let isUntaken = Mutex(true)

    /// Whether nobody asked before.
    func take() -> Bool {
        isUntaken.withLock { isUntaken in
            defer { isUntaken = false }
            return isUntaken
        }
    }
}
