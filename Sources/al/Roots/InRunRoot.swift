import AgentCommands
import Foundation

/// Runs one of the commands that agents use.
enum InRunRoot {
    /// Runs it with this process's streams.
    static func run(_ command: AgentCommand, arguments: [String]) async -> Int32 {
        await command.run(
            arguments: arguments,
            environment: ProcessInfo.processInfo.environment,
            standardInput: {
                guard isatty(0) == 0 else { return nil }
                return Array(FileHandle.standardInput.readDataToEndOfFile())
            },
            standardOutput: Console.output,
            clock: ContinuousClock()
        )
    }
}
