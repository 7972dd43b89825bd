package import FoundationEssentials

extension Date {
    /// ISO-8601 in UTC with milliseconds.
    package var isoText: String {
        // Formatting truncates; half a microsecond keeps a value just below a millisecond from losing one.
        (self + 0.000_000_5).formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
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
