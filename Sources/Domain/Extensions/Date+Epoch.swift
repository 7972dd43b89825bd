package import FoundationEssentials

extension Date {
    /// The farthest time that documents, calendars and the store have in common, in milliseconds: JavaScript's.
    private static let farthestEpoch = 8.64e15

    /// Whole milliseconds since 1970; a time that no calendar has is the nearest that one has.
    package var epochMilliseconds: Int { Self.saturated((timeIntervalSince1970 * 1000).rounded()) }

    /// A time as somebody else tells it, in milliseconds since 1970; `nil` when no calendar has it.
    package init?(epochMilliseconds told: Double) {
        // Not a number is in no range.
        guard (-Self.farthestEpoch...Self.farthestEpoch).contains(told) else { return nil }
        self.init(timeIntervalSince1970: told / 1000)
    }

    /// The number of milliseconds as an integer, whatever it is.
    static func saturated(_ milliseconds: Double) -> Int {
        guard !milliseconds.isNaN else { return 0 }
        return Int(min(max(milliseconds, -farthestEpoch), farthestEpoch))
    }
}
