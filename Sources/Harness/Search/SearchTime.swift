import Foundation

/// How long a search may take.
///
/// Files are real and so is the time they take, hence the system's monotonic clock.
struct SearchTime: Hashable, Sendable {
    private let seconds: Double

    /// A search of at most so many seconds.
    init(seconds: Double) { self.seconds = seconds }

    /// Starts the time.
    ///
    /// - Returns: whether it is over, or the task cancelled.
    func start() -> () -> Bool {
        let end = Self.now() + seconds
        return { Task.isCancelled || Self.now() >= end }
    }

    /// What the model is told when the time was over.
    var note: String {
        "[Stopped after \(Int(seconds)) seconds; this is what was found until then. Search a smaller directory.]"
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
