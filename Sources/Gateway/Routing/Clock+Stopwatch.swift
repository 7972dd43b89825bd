extension Clock<Duration> {
    /// Begins to measure; the result tells whether the time has passed since.
    func stopwatch(limit: Duration) -> @Sendable () -> Bool {
        let end = now.advanced(by: limit)
        return { now > end }
    }
}
