extension Clock where Duration == Swift.Duration {
    /// Starts to measure; each call of the result tells how much time has passed since.
    package func stopwatch() -> @Sendable () -> Duration {
        let start = now
        return { start.duration(to: self.now) }
    }

    /// Starts a span of time; the result tells whether it is over.
    package func deadline(in span: Swift.Duration) -> @Sendable () -> Bool {
        let elapsed = stopwatch()
        return { elapsed() > span }
    }
}
