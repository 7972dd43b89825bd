import Foundation
import Synchronization
import TestSupport

/// A clock that stands still until a test moves it, and a wall clock that goes with it.
final class VirtualTime: Clock, Sendable {
    private let clock = TestClock()
    private let start: Date
    /// Seconds by which somebody set the wall clock.
    private let correction = Mutex(0.0)

    /// Starts on 2023-11-14 at 22:13:20 UTC unless told otherwise.
    init(start: Date = Date(timeIntervalSince1970: 1_700_000_000)) { self.start = start }

    var now: TestClock.Instant { clock.now }
    var minimumResolution: Duration { clock.minimumResolution }
    /// The wall clock.
    var date: Date { start + (clock.now.offset / .seconds(1) + correction.withLock { $0 }) }

    /// How many tasks sleep.
    var sleepers: Int { clock.sleepers }

    /// Sets the wall clock; sleepers do not notice.
    func setWallClock(by seconds: Double) { correction.withLock { $0 += seconds } }

    func sleep(until deadline: TestClock.Instant, tolerance: Duration?) async throws {
        try await clock.sleep(until: deadline, tolerance: tolerance)
    }

    func advance(by duration: Duration) { clock.advance(by: duration) }
}
