import Synchronization

/// Ends a simulated process at a chosen operation of its store: before the operation took effect, or just after.
///
/// Once burnt nothing of that process reaches the store any more, whatever its tasks still try.
final class Fuse: Sendable {
    private let steps: Mutex<Int?>

    /// - Parameter steps: how many half operations it lasts; `nil` = for ever.
    init(steps: Int? = nil) { self.steps = Mutex(steps) }

    var isBurnt: Bool { steps.withLock { $0 == 0 } }

    /// Lights it: it lasts this many half operations from now on.
    func light(_ count: Int) { steps.withLock { $0 = count } }

    /// Burns half an operation away.
    ///
    /// - Throws: `CancellationError` when nothing is left.
    private func burn() throws {
        try steps.withLock { steps in
            guard let left = steps else { return }
            guard left > 0 else { throw CancellationError() }
            steps = left - 1
            if left == 1 { throw CancellationError() }
        }
    }

    /// Performs an operation, unless the process ends before it; it may also end before it hears of the result.
    func guarding<Value>(_ operation: () async throws -> Value) async throws -> Value {
        try burn()
        let value = try await operation()
        try burn()
        return value
    }
}
