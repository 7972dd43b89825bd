/// Why a tool could not do what it was asked for.
///
/// The text goes to the model: it says what is wrong, where, and what to do instead.
package struct HarnessError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    package enum Code: String, CaseIterable, Hashable, Sendable {
        case notFound, isDirectory, binary, outOfRange, tooLarge, notWritable, invalidText
        case emptyOldText, noMatch, severalMatches, noChange
        case missingDirectory, spawnFailed, unknownJob, systemCall
        case notRegular, notDirectory, invalidPattern
    }

    package let code: Code
    package let text: String

    /// Joins both.
    package init(_ code: Code, _ text: String) {
        self.code = code
        self.text = text
    }

    package var description: String { text }
}
