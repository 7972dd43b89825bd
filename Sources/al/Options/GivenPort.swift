import ArgumentParser

/// The port that a command is to listen on.
enum GivenPort {
    /// Refuses numbers that are no ports; none is fine.
    ///
    /// - Throws: `ValidationError`.
    static func validate(_ port: Int?) throws {
        guard let port, !(1...65535).contains(port) else { return }
        throw ValidationError("--port must be a number from 1 to 65535.")
    }
}
