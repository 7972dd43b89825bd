/// Why a run could not be started or carried on.
package struct RunFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    package enum Code: String, CaseIterable, Hashable, Sendable {
        case cage, configuration, prompt, credentials, modelKey, directories, preflight, process
    }

    package let code: Code
    /// What is wrong, where, and what to do.
    package let text: String

    /// Joins both.
    package init(_ code: Code, _ text: String) {
        self.code = code
        self.text = text
    }

    package var description: String { text }
}
