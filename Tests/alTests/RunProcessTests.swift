import Domain
import Foundation
import Subprocess
import SystemPackage
import Testing

/// The role "the run" as a process of its own: what only a process can show.
@Suite(.timeLimit(.minutes(5)))
struct RunProcessTests {
    /// Starts `al _run-agent` with a script for the scripted model and waits for its end.
    private func run(_ script: String, timeout: Int = 60, in al: AlProcess) async throws -> Int32 {
        try al.write("agent/script.yaml", script)
        for name in ["work", "tmp", "home"] { try al.write("\(name)/.keep", "") }
        let config: JSONValue = [
            "name": "dev", "model": ["provider": "scripted", "model": "script.yaml"], "_agentsMd": "x",
        ]
        let variables: [Environment.Key: String] = [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "\(al.directory)/home",
            "AGENT_CONFIG": config.compactText,
            "AL_AGENT_DIR": "\(al.directory)/agent", "AL_WORK_DIR": "\(al.directory)/work",
            "TMPDIR": "\(al.directory)/tmp", "AL_CREDENTIALS_PATH": "\(al.directory)/none", "PROMPT": "Go",
            "TIMEOUT_SECONDS": "\(timeout)", "ANTHROPIC_API_KEY": "sk-of-the-launcher",
        ]
        let result = try await Subprocess.run(
            .path(FilePath(AlProcess.executable)),
            arguments: ["_run-agent", "dev", "--project", al.directory],
            environment: .custom(variables),
            workingDirectory: FilePath(al.directory),
            output: .string(limit: 4 << 20),
            error: .string(limit: 1 << 20)
        )
        return result.terminationStatus.shellCode
    }

    /// Leaves behind what is hard to find: a new session that ignores SIGTERM, and an orphan forked twice.
    private static let daemons = """
        setsid sh -c 'trap "" TERM HUP; echo $$ > a; while :; do sleep 1; done' >/dev/null 2>&1 &
        (setsid sh -c '(sh -c "echo \\$\\$ > b; exec sleep 997" &)' &) >/dev/null 2>&1
        while [ ! -s a ] || [ ! -s b ]; do sleep 0.05; done
        """

    @Test("Nothing that a tool started outlives the run, however it tried to get away", arguments: [false, true])
    func survivors(_ timesOut: Bool) async throws {
        try await AlProcess.withDirectory { al in
            let script =
                "turns:\n  - calls: [ bash: \(JSONValue.quoted(Self.daemons)) ]\n"
                + "  - calls: [ bash: \"\(timesOut ? "sleep 996" : "true")\" ]\n  - text: Done.\n"
            let code = try await run(script, timeout: timesOut ? 3 : 60, in: al)
            #expect(code == (timesOut ? 124 : 0))
            for name in ["a", "b"] {
                #expect(try !AlProcess.isAlive(al.text("work/\(name)")))
            }
        }
    }

    @Test("A tool sees neither the launcher's keys nor the configuration of the run")
    func closed() async throws {
        try await AlProcess.withDirectory { al in
            let script = """
                turns:
                  - calls: [ bash: env ]
                  - expect: { lacks: [sk-of-the-launcher, AGENT_CONFIG=] }
                    text: Done.
                """
            let code = try await run(script, in: al)
            #expect(code == 0)
        }
    }
}
