import Foundation

/// A regular expression that searches log entries and gives up when it takes too long.
package struct GrepPattern: Sendable {
    /// Why a pattern cannot be used.
    package enum Failure: Error, Hashable, Sendable {
        /// It is no regular expression.
        case invalid
        /// The search took longer than allowed, as patterns with nested repetitions can.
        case tooSlow
    }

    private let expression: NSRegularExpression
    private let isOverdue: @Sendable () -> Bool

    /// Compiles a pattern (ICU syntax).
    ///
    /// - Parameters:
    ///   - pattern: the regular expression.
    ///   - isOverdue: asked again and again during a search; `true` ends it.
    /// - Throws: ``Failure/invalid``.
    package init(_ pattern: String, isOverdue: @escaping @Sendable () -> Bool = { false }) throws(Failure) {
        do {
            expression = try NSRegularExpression(pattern: pattern)
        } catch {
            throw .invalid
        }
        self.isOverdue = isOverdue
    }

    /// Whether the pattern occurs in a text.
    ///
    /// - Throws: ``Failure/tooSlow``.
    func matches(_ text: String) throws(Failure) -> Bool {
        var isFound = false
        var isStopped = false
        let all = NSRange(location: 0, length: text.utf16.count)
        expression.enumerateMatches(in: text, options: .reportProgress, range: all) { match, _, stop in
            if match != nil { isFound = true } else { isStopped = isOverdue() }
            if isFound || isStopped { stop.pointee = true }
        }
        if isStopped, !isFound { throw .tooSlow }
        return isFound
    }
}
