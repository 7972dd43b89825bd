import Subprocess
import Synchronization

/// A child process of the run itself: a step of preflight, or the script that replaces the session.
struct ChildCommand: Sendable {
    var arguments: [String]
    var directory: String
    var environment: [String: String]

    /// Bytes of standard error that are kept for messages.
    private static let tailLimit = 2 << 10

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
        let tail = Tail(limit: Self.tailLimit)
        let result = try await Subprocess.run(
            .name("sh"),
            arguments: wrapped,
            environment: subprocessEnvironment,
            platformOptions: options,
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

    /// Runs the child with the run's own output and error.
    func runInheriting() async throws -> Int32 {
        let result = try await Subprocess.run(
            .name("sh"),
            arguments: wrapped,
            environment: subprocessEnvironment,
            platformOptions: options,
            input: .none,
            output: .currentStandardOutput,
            error: .currentStandardError
        )
        return Self.code(result.terminationStatus)
    }

    /// The shell only changes the directory; the arguments pass through it unseen.
    private var wrapped: Arguments { Arguments(["-c", #"cd -- "$0" && exec "$@""#, directory] + arguments) }

    private var subprocessEnvironment: Subprocess.Environment {
        let pairs = environment.compactMap { name, value in
            Subprocess.Environment.Key(rawValue: name).map { ($0, value) }
        }
        return .custom(Dictionary(pairs, uniquingKeysWith: { $1 }))
    }

    private var options: PlatformOptions {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)]
        return options
    }

    private static func code(_ status: TerminationStatus) -> Int32 {
        switch status {
        case .exited(let code): code
        case .signaled: -1
        }
    }
}

/// The last bytes of a stream.
private final class Tail: Sendable {
    private let limit: Int
    private let bytes = Mutex<[UInt8]>([])

    init(limit: Int) { self.limit = limit }

    func append(_ more: [UInt8]) {
        bytes.withLock { bytes in
            bytes += more
            bytes.removeFirst(max(0, bytes.count - limit))
        }
    }

    var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }
}
