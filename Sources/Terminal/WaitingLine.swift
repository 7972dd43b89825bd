/// Says what is being waited for, once that takes longer than a second.
package struct WaitingLine: Sendable {
    private let clock: any Clock<Duration>
    private let write: @Sendable (String) -> Void
    private let hasCursor: Bool

    /// Prepares to speak.
    ///
    /// - Parameters:
    ///   - clock: measures the wait.
    ///   - hasCursor: whether a line can be written over: then the seconds are counted, and the line goes away at the end.
    ///   - write: standard error.
    package init(clock: any Clock<Duration>, hasCursor: Bool, write: @escaping @Sendable (String) -> Void) {
        self.clock = clock
        self.hasCursor = hasCursor
        self.write = write
    }

    /// Waits for a body.
    ///
    /// - Parameters:
    ///   - label: what is going on, such as `Asking GitHub`.
    ///   - body: cancelled with the caller.
    /// - Returns: what the body returns.
    /// - Throws: what the body throws.
    package func during<Result: Sendable>(
        _ label: String,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                await count(label)
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                guard let result else { continue }
                return result
            }
            throw CancellationError()
        }
    }

    /// Ends when it is cancelled.
    private func count(_ label: String) async {
        var seconds = 0
        // A cancelled sleep means that the wait is over.
        while (try? await clock.sleep(for: .seconds(1))) != nil {
            seconds += 1
            if hasCursor {
                write("\r\u{1B}[K\(label) … \(seconds) s")
            } else if seconds == 1 {
                write("\(label) …\n")
            }
        }
        if hasCursor, seconds > 0 { write("\r\u{1B}[K") }
    }
}
