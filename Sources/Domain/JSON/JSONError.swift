/// Where and why a text is not JSON.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Offset of the first byte that does not fit, from 0.
    package let offset: Int
    /// What was expected there.
    package let reason: String

    package var description: String { "not valid JSON at byte \(offset): \(reason)" }
}
