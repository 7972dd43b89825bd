package import Foundation

/// A cron expression in the dialect of the Open Cron Pattern Specification 1.4 (see `docs/configuration.md`).
package struct CronSchedule: Hashable, Sendable {
    /// The expression as written.
    package let expression: String

    private enum Rule: Hashable, Sendable {
        case pattern(CronPattern)
        case once(CronMoment)
    }

    private let rule: Rule

    /// Parses an expression.
    ///
    /// - Throws: ``CronError`` naming the field and what was expected.
    package init(_ expression: String) throws(CronError) {
        self.expression = expression
        let parser = CronParser(expression)
        if parser.looksLikeDateTime {
            rule = .once(try parser.parseDateTime())
        } else {
            rule = .pattern(try parser.parsePattern())
        }
    }

    /// Whether the expression is an ISO date-time, which fires once at most.
    package var isOneOff: Bool { if case .once = rule { true } else { false } }

    /// The first matching second strictly after `date` in `zone`; `nil` when there is none before the year 3001.
    ///
    /// A local time lost when the clock goes forward fires at the first instant after the gap; a local time that comes
    /// twice fires at its first occurrence, unless the hour field is `*` or `*/n`, which fires in both passes.
    package func nextFire(after date: Date, in zone: TimeZone) -> Date? {
        let seconds = date.timeIntervalSince1970.rounded(.down)
        // Beyond these bounds (some 30,000 years) there is no calendar to search.
        guard abs(seconds) < 1e12 else { return nil }
        let start = Int(seconds) + 1
        let local = LocalTime(zone: zone)
        let fire: Int? =
            switch rule {
            case .pattern(let pattern): local.firstFire(of: pattern, from: start)
            case .once(let moment): local.instant(of: moment).flatMap { $0 >= start ? $0 : nil }
            }
        return fire.map { Date(timeIntervalSince1970: Double($0)) }
    }

    /// The next matching seconds strictly after `date` in `zone`, one after the other, at most `count`.
    package func nextFires(_ count: Int, after date: Date, in zone: TimeZone) -> [Date] {
        var fires: [Date] = []
        while fires.count < count, let next = nextFire(after: fires.last ?? date, in: zone) { fires.append(next) }
        return fires
    }
}

/// What is wrong with a cron expression.
package struct CronError: Error, Hashable, Sendable {
    /// The field's name (`minute`, `day of week`, …), or `expression`.
    package let field: String
    /// The text of the field.
    package let text: String
    /// What would have been accepted.
    package let expected: String
}

/// A date-time written out: seconds since 1970 on the local clock, or in UTC when it ended in `Z`.
struct CronMoment: Hashable, Sendable {
    let seconds: Int
    let isUTC: Bool
}
