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
            standardInput: { hasInput ? bytes(of: 0) : nil },
            standardOutput: Console.outputExactly,
            clock: ContinuousClock()
        )
    }

    /// What a descriptor gives to its end; `nil` when it cannot be read, such as a directory.
    private static func bytes(of descriptor: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(descriptor, &block, block.count)
            if count > 0 {
                bytes += block[..<count]
            } else if count == 0 {
                return bytes
            } else if errno != EINTR {
                return nil
            }
        }
    }
}
