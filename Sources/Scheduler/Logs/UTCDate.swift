import Domain
import FoundationEssentials

/// The calendar day of a time in UTC, as log files are named.
enum UTCDate {
    /// Days since 1970.
    static func day(of time: Date) -> Int { Int((Double(time.epochMilliseconds) / 86_400_000).rounded(.down)) }

    /// `YYYY-MM-DD`.
    static func text(of time: Date) -> String { CivilDate(daysSince1970: day(of: time)).isoText }
}
