/// How often an item became a run.
package struct StartAttempts: Hashable, Sendable {
    /// Runs it has led to.
    package var claimed: Int
    /// Those of them that are known to have reached their runtime.
    package var launched: Int

    /// Collects the counts.
    package init(claimed: Int, launched: Int) {
        self.claimed = claimed
        self.launched = launched
    }
}
