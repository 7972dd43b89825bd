import UnixSignals

/// Ctrl+C as the ordinary end of a command that follows something.
enum Interruption {
    /// Runs a body until it ends or Ctrl+C is pressed, whichever comes first.
    ///
    /// - Returns: whether it was interrupted.
    @discardableResult
    static func ending(_ body: @escaping @Sendable () async throws -> Void) async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await body()
                return false
            }
            group.addTask {
                let signals = await UnixSignalsSequence(trapping: .sigint)
                // The sequence ends only when the body has ended first.
                for await _ in signals { return true }
                return true
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
    }
}
