import Harness
import Subprocess

/// A child process of the run itself: a step of preflight, or the script that replaces the session.
struct ChildCommand: Sendable {
    var arguments: [String]
    var directory: String
    var environment: [String: String]

    /// How a child ended.
    struct End: Hashable, Sendable {
        /// Exit code, or -1 when a signal ended it.
        var code: Int32
        var errorTail: String
    }

    /// Runs the child in a session of its own; when the task is cancelled its whole process group is killed.
    ///
    /// - Parameter onOutput: receives standard output as it comes; an error kills the child.
    /// - Returns: how it ended.
    /// - Throws: ``RunFailure`` when it cannot be started, or what `onOutput` throws.
    func run(onOutput: @escaping @Sendable ([UInt8]) throws -> Void) async throws -> End {
        let tail = ErrorTail()
        let result = try await Subprocess.run(
            .name("sh"),
            arguments: Arguments(running: arguments, in: directory),
            environment: .only(environment),
            platformOptions: .session(endingBy: Self.ending),
            input: .none,
            output: .sequence,
            error: .sequence
        ) { execution in
            let output = execution.standardOutput
            let error = execution.standardError
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for try await buffer in output { try onOutput(buffer.withUnsafeBytes { Array($0) }) }
                }
                group.addTask {
                    for try await buffer in error {
                        tail.append(buffer.withUnsafeBytes { Array($0) })
                    }
                }
                try await group.waitForAll()
            }
        }
        return End(code: Self.code(result.terminationStatus), errorTail: tail.text)
    }

    /// Runs the child with the run's own standard error.
    ///
    /// - Parameter onOutput: receives standard output as it comes; an error kills the child.
    /// - Returns: the exit code, or -1 when a signal ended it.
    /// - Throws: ``RunFailure`` when it cannot be started, or what `onOutput` throws.
    func runShowingErrors(onOutput: @escaping @Sendable ([UInt8]) throws -> Void) async throws -> Int32 {
        let result = try await Subprocess.run(
            .name("sh"),
            arguments: Arguments(running: arguments, in: directory),
            environment: .only(environment),
            platformOptions: .session(endingBy: Self.ending),
            input: .none,
            output: .sequence,
            error: .currentStandardError
        ) { execution in
            for try await buffer in execution.standardOutput { try onOutput(buffer.withUnsafeBytes { Array($0) }) }
        }
        return Self.code(result.terminationStatus)
    }

    private static let ending: [TeardownStep] = [
        .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)
    ]

    private static func code(_ status: TerminationStatus) -> Int32 {
        switch status {
        case .exited(let code): code
        case .signaled: -1
        }
    }
}
