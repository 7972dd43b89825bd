import Credentials
import Foundation
import Subprocess

/// What the operator's own login brings: it is read as the operator who started this process.
enum OperatorLogin {
    /// Keys of the operator's pi, for `authType = "pi_auth"`.
    ///
    /// `warn` hears when others could read them.
    static func piAuth(_ warn: @escaping @Sendable (String) -> Void) -> PiAuth {
        PiAuth(
            environment: ProcessInfo.processInfo.environment,
            now: { Date() },
            run: { try await output(of: $0) },
            warn: warn
        )
    }

    /// Standard output of a shell command that may take ten seconds.
    private static func output(of command: String) async throws -> String {
        try await withThrowingTaskGroup(of: String?.self) { group in
            group.addTask {
                let result = try await Subprocess.run(
                    .name("sh"),
                    arguments: ["-c", command],
                    output: .string(limit: 65536),
                    error: .discarded
                )
                guard result.terminationStatus.isSuccess else {
                    throw CommandFailure(status: "\(result.terminationStatus)")
                }
                return result.standardOutput
            }
            group.addTask {
                try await ContinuousClock().sleep(for: .seconds(10))
                throw CommandFailure(status: "no answer within 10 s")
            }
            defer { group.cancelAll() }
            return try await group.next()?.flatMap { $0 } ?? ""
        }
    }

    private struct CommandFailure: Error, CustomStringConvertible {
        let status: String
        var description: String { status }
    }
}
