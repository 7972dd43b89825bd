import Foundation

/// Reads how people say since when.
enum PastTime {
    private static let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400]

    /// The time that a text means: `30m`, `12h`, `7d` back from now, or an ISO-8601 date with or without a clock.
    ///
    /// - Throws: ``Failure`` that shows the forms.
    static func date(_ text: String, before now: Date) throws -> Date {
        if let unit = text.last.flatMap({ units[$0] }), let count = Double(text.dropLast()), count >= 0 {
            return now - count * unit
        }
        // Each form is tried; only when none fits is that a failure.
        let full = text.count == 10 ? text + "T00:00:00Z" : text
        if let date = try? Date(full, strategy: .iso8601FractionalOrWhole) { return date }
        throw Failure("Error: \"\(text)\" is no time. Write 30m, 12h, 7d or 2026-01-31T10:00:00Z.")
    }
}
