package import Foundation

/// A cron expression in the dialect of the Open Cron Pattern Specification 1.4 (see `docs/configuration.md`).
package struct CronSchedule: Hashable, Sendable {
    /// The expression as written.
    package let expression: String

    /// Parses an expression.
    ///
    /// - Throws: ``CronError`` naming the field and what was expected.
    package init(_ expression: String) throws(CronError) {
        self.expression = expression
    }

    /// The first matching second strictly after `date` in `zone`; `nil` when there is none before the year 3000.
    package func nextFire(after date: Date, in zone: TimeZone) -> Date? {
        nil
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
