import AgentCommands
import Foundation

/// Runs one of the commands that agents use.
enum InRunRoot {
    /// Runs it with this process's streams.
    static func run(_ command: AgentCommand, arguments: [String]) async -> Int32 {
        // Looked at before anything is opened, which would take the number of a closed standard input.
        let hasInput = fcntl(0, F_GETFD) != -1 && isatty(0) == 0
        return await command.run(
            arguments: arguments,
            environment: ProcessInfo.processInfo.environment,
            standardInput: {
                // One that cannot be read, such as a directory, is like none.
                hasInput ? (try? Console.input()).map { Array($0) } : nil
            },
            standardOutput: Console.outputExactly,
            clock: ContinuousClock()
        )
    }
}
