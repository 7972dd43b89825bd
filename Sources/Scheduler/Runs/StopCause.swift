/// Why we ended a run.
enum StopCause: Hashable {
    /// Somebody ordered it; the reason stands in the run's record.
    case killed(String)
    /// A daily budget is spent.
    case budget(String)
}
