import ArgumentParser

/// Texts of the command line that must not be empty.
enum GivenText {
    /// Refuses what a shell makes of a variable that is not set: in the path of a request it would name something else.
    ///
    /// - Throws: `ValidationError`.
    static func notEmpty(_ text: String) throws -> String {
        guard !text.isEmpty else { throw ValidationError("it is empty") }
        return text
    }
}
