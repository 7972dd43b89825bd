import Foundation

/// Reads ISO-8601 times with or without fractions of a second.
struct ISO8601FractionalOrWhole: ParseStrategy {
    func parse(_ text: String) throws -> Date {
        do {
            return try Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        } catch {
            return try Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: false))
        }
    }
}

extension ParseStrategy where Self == ISO8601FractionalOrWhole {
    /// The times of the status API.
    static var iso8601FractionalOrWhole: ISO8601FractionalOrWhole { ISO8601FractionalOrWhole() }
}
