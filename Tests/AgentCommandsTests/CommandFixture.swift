import AgentCommands
import Foundation
import Synchronization
import Testing

/// A signal directory of its own, and a way to run commands against it.
struct CommandFixture {
    struct Outcome: Hashable {
        var code: Int32
        var line: String
    }

    let directory: URL
    var environment: [String: String]

    init(gateway: String? = nil) {
        directory = FileManager.default.temporaryDirectory.appending(path: "al-commands-\(UUID().uuidString)")
        environment = ["AL_SIGNAL_DIR": directory.path, "SHUTDOWN_SECRET": "s&cret"]
        environment["GATEWAY_URL"] = gateway
    }

    func run(_ name: String, _ arguments: String..., stdin: String? = nil) async throws -> Outcome {
        try await run(name, arguments, stdin: stdin)
    }

    func run(_ name: String, _ arguments: [String], stdin: String? = nil) async throws -> Outcome {
        let command = try #require(AgentCommand(invokedAs: "/app/bin/\(name)"))
        let lines = Mutex<[String]>([])
        let code = await command.run(
            arguments: arguments,
            environment: environment,
            standardInput: { stdin.map { Array($0.utf8) } },
            standardOutput: { line in lines.withLock { $0.append(line) } },
            clock: ContinuousClock()
        )
        let printed = lines.withLock { $0 }
        #expect(printed.count == 1)
        return Outcome(code: code, line: printed.first ?? "")
    }

    func signal(_ name: String) -> String? {
        try? String(contentsOf: directory.appending(path: name), encoding: .utf8)
    }

    func clean() { try? FileManager.default.removeItem(at: directory) }
}

/// Compares what a command did with what it should have done.
func expectSame(
    _ outcome: CommandFixture.Outcome,
    _ expected: CommandFixture.Outcome,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(outcome == expected, sourceLocation: sourceLocation)
}
