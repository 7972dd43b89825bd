/// Everything that is wrong with a script file, in the order of its lines.
package struct ScriptError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    package enum Code: String, Hashable, Sendable {
        /// The file cannot be read.
        case unreadable
        /// Its content breaks the format.
        case invalid
    }

    package let code: Code
    package let problems: [ScriptProblem]

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// One mistake in a script file.
package struct ScriptProblem: Hashable, Sendable, CustomStringConvertible {
    package var file: String
    /// From 1; `nil` for a file that cannot be read.
    package let line: Int?
    /// The way to the value: `turns[2].calls[0]`; empty for the file as a whole.
    package let path: String
    /// What is expected there.
    package let expectation: String

    package var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        return "\(place): " + (path.isEmpty ? expectation : "\(path): \(expectation)")
    }
}
