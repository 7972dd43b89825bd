import Domain
import FoundationEssentials

/// The calendar day of a time in UTC, as log files are named.
enum UTCDate {
    /// Days since 1970.
    static func day(of time: Date) -> Int { Int((time.timeIntervalSince1970 / 86_400).rounded(.down)) }

    /// `YYYY-MM-DD`.
    static func text(of time: Date) -> String {
        let day = CivilDate(daysSince1970: day(of: time))
        return "\(padded(day.year, 4))-\(padded(day.month, 2))-\(padded(day.day, 2))"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
