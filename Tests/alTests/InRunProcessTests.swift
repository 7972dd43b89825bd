import Domain
import Foundation
import Subprocess
import SystemPackage
import Testing

/// Commands of agents as processes of their own, with a standard input that is none.
@Suite(.timeLimit(.minutes(5)))
struct InRunProcessTests {
    @Test("a standard input that cannot be read counts as empty", arguments: ["<&-", "< .", "< /dev/null"])
    func oddInput(redirection: String) async throws {
        try await AlProcess.withDirectory { al in
            try await FakeScheduler.serving({ _ in (200, #"{"ok":true,"callId":"c1"}"#) }) { port, scheduler in
                for name in ["al-call", "al-return"] {
                    try FileManager.default.createSymbolicLink(
                        atPath: "\(al.directory)/\(name)",
                        withDestinationPath: AlProcess.executable
                    )
                }
                let call = try await shell("./al-call dev \(redirection)", port: port, in: al)
                #expect(call.code == 0)
                #expect(call.output == #"{"ok":true,"callId":"c1"}"# + "\n")
                #expect(scheduler.requests.first?.body?["context"] == "")
                let value = try await shell("./al-return \(redirection)", port: port, in: al)
                #expect(value.code == 0)
                #expect(value.output.contains("\"ok\":true"), "\(value.output)")
            }
        }
    }

    private func shell(_ command: String, port: Int, in al: AlProcess) async throws -> (code: Int32, output: String) {
        let result = try await Subprocess.run(
            .path("/bin/sh"),
            arguments: ["-c", command],
            environment: .custom([
                "GATEWAY_URL": "http://127.0.0.1:\(port)", "SHUTDOWN_SECRET": "s",
                "AL_SIGNAL_DIR": "\(al.directory)/signals",
            ]),
            workingDirectory: FilePath(al.directory),
            output: .string(limit: 1 << 20),
            error: .discarded
        )
        guard case .exited(let code) = result.terminationStatus else { return (-1, result.standardOutput) }
        return (Int32(code), result.standardOutput)
    }
}
