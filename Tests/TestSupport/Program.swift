import Subprocess

/// Programs of the system that tests ask.
package enum Program {
    /// Runs a program to its end.
    ///
    /// - Returns: what it wrote, to standard output and then to standard error.
    /// - Throws: when it cannot be started.
    @discardableResult
    package static func output(of name: String, _ arguments: String...) async throws -> String {
        let result = try await Subprocess.run(
            .name(name),
            arguments: Arguments(arguments),
            input: .none,
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        return result.standardOutput + result.standardError
    }
}
