/// What a scheduler that was told to end says of the runs that are alive.
enum ShutdownSentence {
    /// Tells what becomes of them.
    ///
    /// - Parameters:
    ///   - runs: how many are alive.
    ///   - drains: whether it waits for them instead of handing them over.
    /// - Returns: one or two sentences for people.
    static func text(runs: Int, drains: Bool) -> String {
        guard runs > 0 else { return "Scheduler stopped." }
        let count = LiveText.count(runs, "run")
        if drains {
            return "Waiting for \(count); Ctrl+C again leaves \(runs == 1 ? "it" : "them") to the next al start."
        }
        return "Scheduler stopped. \(count) \(runs == 1 ? "goes" : "go") on; the next al start adopts "
            + (runs == 1 ? "it." : "them.")
    }
}
