import ArgumentParser
import Domain
import Foundation

/// A time in the past as it is typed: `45s`, `30m`, `2h`, `7d`, a date `2026-01-15` (UTC) or `2026-01-15T10:00:00Z`.
struct Since: ExpressibleByArgument, Hashable, Sendable {
    private enum Kind: Hashable {
        case ago(TimeInterval)
        case at(Date)
    }

    private static let units: [Character: TimeInterval] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400]

    private let kind: Kind
    private let text: String

    init?(argument: String) {
        text = argument
        if let unit = argument.last.flatMap({ Self.units[$0] }), let number = Double(argument.dropLast()), number >= 0,
            number.isFinite
        {
            kind = .ago(number * unit)
            return
        }
        // Each form is tried; what fits none is no time.
        let full = argument.count == 10 ? argument + "T00:00:00Z" : argument
        guard let date = Date(isoText: full) else { return nil }
        kind = .at(date)
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
        // Nothing is older than 1970.
        case .ago(let seconds): max(now.addingTimeInterval(-seconds), Date(timeIntervalSince1970: 0))
        case .at(let date): date
        }
    }

    /// As the `since` of a route: milliseconds since 1970.
    func milliseconds(from now: Date) -> Int { date(from: now).epochMilliseconds }
}
