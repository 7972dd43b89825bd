/// A failure to write the files of a project.
package struct ProjectError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    package enum Code: String, Hashable, Sendable {
        case badName, exists, notWritable
    }

    package var code: Code
    /// The file or directory concerned.
    package var path: String
    /// What is wrong and what to do, for people.
    package var message: String

    /// Collects the facts.
    package init(code: Code, path: String, message: String) {
        self.code = code
        self.path = path
        self.message = message
    }

    package var description: String { message }
}
