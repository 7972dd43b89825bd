import ArgumentParser
import Foundation

/// A time in the past as it is typed: `45s`, `30m`, `2h`, `7d`, or a date `2026-01-15` (UTC).
struct Since: ExpressibleByArgument, Hashable, Sendable {
    private enum Kind: Hashable {
        case ago(TimeInterval)
        case day(Date)
    }

    private let kind: Kind
    private let text: String

    init?(argument: String) {
        text = argument
        if let date = try? Date(argument + "T00:00:00Z", strategy: .iso8601) {
            kind = .day(date)
            return
        }
        let units: [Character: TimeInterval] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400]
        guard let unit = argument.last.flatMap({ units[$0] }), let number = Int(argument.dropLast()), number >= 0 else {
            return nil
        }
        kind = .ago(Double(number) * unit)
    }

    /// So many days ago.
    init(days: Int) {
        kind = .ago(Double(days) * 86_400)
        text = "\(days)d"
    }

    var defaultValueDescription: String { text }

    /// The time it means.
    func date(from now: Date) -> Date {
        switch kind {
        case .ago(let seconds): now.addingTimeInterval(-seconds)
        case .day(let date): date
        }
    }

    /// As the `since` of a route: milliseconds since 1970.
    func milliseconds(from now: Date) -> Int { Int(date(from: now).timeIntervalSince1970 * 1000) }
}
