package import Domain
import Foundation
import Subprocess
import SystemPackage

/// Runs the system's `ssh`.
package struct SSHProgram: Sendable {
    /// How a call ended.
    package struct End: Hashable, Sendable {
        /// 255 is ssh's own failure; -1 when a signal ended it.
        package var code: Int32
        package var errorText: String

        /// Collects both.
        package init(code: Int32, errorText: String) {
            self.code = code
            self.errorText = errorText
        }
    }

    /// Longest call: what takes longer does not answer.
    static let limit = Duration.seconds(30)

    /// Runs one command line; throws ``SSHError`` when there is no `ssh` or the limit is reached.
    let run: @Sendable (_ arguments: [String], ServerAddress) async throws -> End
    /// Runs one command line whose input and output are a connection, and closes that at the end.
    let carry: @Sendable (_ arguments: [String], _ connection: FileDescriptor) async throws -> End

    /// Replaces the program by one that carries no connections.
    package init(run: @escaping @Sendable (_ arguments: [String], ServerAddress) async throws -> End) {
        self.run = run
        carry = { _, _ in throw SSHError.noClient }
    }

    /// The program on `PATH`.
    ///
    /// - Parameters:
    ///   - environment: what it sees: its agent, its home.
    ///   - clock: measures ``limit``.
    package init(environment: [String: String], clock: any Clock<Duration>) {
        run = { arguments, server in
            try await withThrowingTaskGroup(of: End.self) { group in
                group.addTask { try await Self.start(arguments, environment, input: .none, output: .discarded) }
                group.addTask {
                    try await clock.sleep(for: Self.limit)
                    throw SSHError.timedOut(server, after: Self.limit)
                }
                defer { group.cancelAll() }
                guard let end = try await group.next() else { throw CancellationError() }
                return end
            }
        }
        carry = { arguments, connection in
            // Only now, since starting may fail too; what does not close cannot be helped.
            defer { try? connection.close() }
            return try await Self.start(
                arguments,
                environment,
                input: .fileDescriptor(connection, closeAfterSpawningProcess: false),
                output: .fileDescriptor(connection, closeAfterSpawningProcess: false)
            )
        }
    }

    private static func start(
        _ arguments: [String],
        _ environment: [String: String],
        input: some InputProtocol,
        output: some OutputProtocol
    ) async throws -> End {
        let pairs = environment.compactMap { name, value in
            Subprocess.Environment.Key(rawValue: name).map { ($0, value) }
        }
        var options = PlatformOptions()
        // Ctrl+C at our terminal is not for ssh, and without a terminal it asks nothing.
        options.createSession = true
        do {
            let result = try await Subprocess.run(
                .name("ssh"),
                arguments: Arguments(arguments),
                environment: .custom(Dictionary(pairs, uniquingKeysWith: { $1 })),
                platformOptions: options,
                input: input,
                output: output,
                error: .string(limit: 64 << 10)
            )
            guard case .exited(let code) = result.terminationStatus else { return End(code: -1, errorText: "") }
            return End(code: Int32(code), errorText: result.standardError)
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw SSHError.noClient
        }
    }
}
