import Foundation
import Testing

@testable import al

@Suite(.timeLimit(.minutes(5))) struct CommandLineTests {
    @Test(
        "every command explains itself",
        arguments: [
            "demo", "new", "doctor", "creds", "start", "run", "stat", "logs", "pause", "resume", "kill", "stop",
            "webhook",
        ]
    )
    func help(command: String) async throws {
        try await AlProcess.withDirectory { al in
            let result = try await al.run(command, "--help")
            #expect(result.code == 0)
            #expect(result.output.contains("USAGE: al \(command)"))
            #expect(result.error.isEmpty)
        }
    }

    @Test("without a command, help goes to standard error and the code is 1")
    func noCommand() async throws {
        try await AlProcess.withDirectory { al in
            let result = try await al.run()
            #expect(result.code == 1)
            #expect(result.output.isEmpty)
            #expect(result.error.contains("SUBCOMMANDS"))
        }
    }

    @Test(
        "usage errors end with 1",
        arguments: [
            ["strat"], ["run"], ["start", "--port", "0"], ["demo", "--port", "99999"], ["logs", "--lines", "0"],
            ["run", "dev", "--tools", "real"],
        ]
    )
    func usage(arguments: [String]) async throws {
        try await AlProcess.withDirectory { al in
            let result = try await al.run(arguments)
            #expect(result.code == 1)
            #expect(result.output.isEmpty)
            #expect(result.error.hasPrefix("Error: "), "\(result.error)")
        }
    }

    @Test("a question without a terminal ends at once with 2 and names the flag")
    func noTerminal() async throws {
        try await AlProcess.withDirectory { al in
            let result = try await al.run("new", "x")
            #expect(result.code == 2)
            #expect(result.error.contains("--provider"))
            #expect(!FileManager.default.fileExists(atPath: al.directory + "/x"))
        }
    }

    @Test("a project is made once and never overwritten")
    func newTwice() async throws {
        try await AlProcess.withDirectory { al in
            #expect(try await al.run("new", "x", "--provider", "anthropic", "--no-key", "--yes").code == 0)
            let config = try String(contentsOfFile: al.directory + "/x/config.toml", encoding: .utf8)
            #expect(config.contains("provider = \"anthropic\""))
            let second = try await al.run("new", "x", "--provider", "scripted", "--no-key", "--yes")
            #expect(second.code == 1)
            #expect(try String(contentsOfFile: al.directory + "/x/config.toml", encoding: .utf8) == config)
        }
    }

    @Test("commands that need the scheduler say how to start it", arguments: ["pause", "resume", "stop"])
    func notRunning(command: String) async throws {
        try await AlProcess.withDirectory { al in
            try al.write("config.toml", "[gateway]\nport = 1\n")
            let result = try await al.run(command)
            #expect(result.code == 1)
            #expect(result.error.contains("Scheduler is not running"))
            #expect(result.error.contains("al start"))
        }
    }

    @Test("credentials go in by standard input, are listed without values, and out again")
    func credentials() async throws {
        try await AlProcess.withDirectory { al in
            #expect(
                try await al.run("creds", "add", "github_token", "--stdin", "--no-verify", input: "ghp_secretvalue\n")
                    .code == 0
            )
            let listed = try await al.run("creds", "ls")
            #expect(listed.output.contains("github_token"))
            #expect(!listed.output.contains("ghp_secretvalue"))
            let file = al.home + "/credentials/github_token/default/token"
            #expect(try String(contentsOfFile: file, encoding: .utf8) == "ghp_secretvalue\n")
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(try await al.run("creds", "rm", "github_token", "--yes").code == 0)
            #expect(!FileManager.default.fileExists(atPath: file))
        }
    }

    @Test(
        "names that leave the store are refused",
        arguments: ["..:..", "github_token:", ":", "github_token:../x", "nonsense"]
    )
    func badReferences(reference: String) async throws {
        try await AlProcess.withDirectory { al in
            let result = try await al.run("creds", "rm", reference, "--yes")
            #expect(result.code == 1)
            #expect(result.error.hasPrefix("Credential error: "))
        }
    }
}
