extension Clock where Duration == Swift.Duration {
    /// Starts to measure; each call of the result tells how much time has passed since.
    package func stopwatch() -> @Sendable () -> Duration {
        let start = now
        return { start.duration(to: self.now) }
    }
}
