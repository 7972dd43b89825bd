package import FoundationEssentials

extension Date {
    /// ISO-8601 in UTC with milliseconds.
    ///
    /// By hand, because each line and each context has one: Foundation makes a calendar for every text.
    package var isoText: String {
        // Half a microsecond keeps a value just below a millisecond from losing one.
        let milliseconds = Self.saturated(((timeIntervalSince1970 + 0.000_000_5) * 1000).rounded(.down))
        let day = CivilDate.quotient(milliseconds, 86_400_000)
        let rest = milliseconds - day * 86_400_000
        let (hour, minute, second) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60)
        let clock = "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2)).\(padded(rest % 1000, 3))"
        return "\(CivilDate(daysSince1970: day).isoText)T\(clock)Z"
    }

    /// `2026-01-15 10:00:00`, as the clocks of a zone show it.
    package func clockText(in zone: TimeZone) -> String {
        let style = Date.ISO8601FormatStyle(timeZone: zone).year().month().day()
            .dateTimeSeparator(.space).time(includingFractionalSeconds: false)
        return (self + 0.000_000_5).formatted(style)
    }

    /// ``isoText`` as documents have it.
    package var json: JSONValue { .string(isoText) }

    /// Reads ISO-8601 with a zone, with or without fractions of a second; `nil` when the text is something else.
    package init?(isoText text: String) {
        for hasFractions in [true, false] {
            let style = Date.ISO8601FormatStyle(includingFractionalSeconds: hasFractions)
            // A text of the other kind, or no time at all.
            guard let date = try? Date(text, strategy: style) else { continue }
            self = date
            return
        }
        return nil
    }
}
