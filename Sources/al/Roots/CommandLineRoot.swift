import ArgumentParser
import Domain
import Foundation
import Terminal

/// Parses the command line, runs the command and turns whatever went wrong into one sentence and an exit code.
enum CommandLineRoot {
    /// Runs one command.
    ///
    /// - Returns: the exit code of the process.
    static func run(arguments: [String]) async -> Int32 {
        guard !arguments.isEmpty else {
            Console.error(Al.helpMessage(columns: 80))
            return 1
        }
        do {
            var command = try Al.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch {
            return report(error)
        }
    }

    private static func report(_ error: any Error) -> Int32 {
        if let failure = Failure(error) {
            if !failure.text.isEmpty { Console.error(failure.text) }
            return failure.exitCode
        }
        // What is left comes from the argument parser: help and version succeed, everything else is a usage error.
        let code = Al.exitCode(for: error)
        let text = Al.fullMessage(for: error, columns: 80)
        if code == .success {
            Console.output(text)
            return 0
        }
        Console.error(text)
        return 1
    }
}
