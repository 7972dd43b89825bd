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
        let line = CommandLineArguments(arguments, environment: ProcessInfo.processInfo.environment)
        // Read by everything that styles text, also by child processes.
        if line.isAlwaysColoured { setenv(Style.forcingVariable, "1", 1) }
        let parsed = Result { try Al.parseAsRoot(line.arguments) }
        // No command has such an option: where the parser is content, it is the value of another.
        if line.wantsVersion, case .failure = parsed {
            Console.output(Version.current)
            return 0
        }
        if let misuse = line.misuse(of: Al.self) {
            return misuse.isHelp ? say(misuse.text) : fail(Failure(misuse.text, code: "usage"), line)
        }
        do {
            var command = try parsed.get()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch {
            return report(error, line)
        }
    }

    private static func report(_ error: any Error, _ line: CommandLineArguments) -> Int32 {
        if let failure = Failure(error) {
            let code = fail(failure, line)
            if line.isVerbose, !(error is Failure), code != 130 { Console.error("Cause: \(String(reflecting: error))") }
            return code
        }
        // What is left comes from the argument parser: help and version succeed, everything else is a usage error.
        let text = Al.fullMessage(for: error, columns: 80)
        if Al.exitCode(for: error) == .success {
            Console.outputExactly(text)
            return 0
        }
        return fail(Failure(text, code: "usage"), line)
    }

    private static func fail(_ failure: Failure, _ line: CommandLineArguments) -> Int32 {
        if failure.exitCode == 130 {
            Console.error("")
        } else if !failure.text.isEmpty {
            if line.wantsJSON { Console.output(json: failure.json) } else { Console.error(failure.text) }
        }
        return failure.exitCode
    }

    private static func say(_ text: String) -> Int32 {
        Console.error(text)
        return 1
    }
}
