import ArgumentParser
import Domain
import Testing

@testable import al

@Suite struct CommandLineArgumentsTests {
    @Test("what holds for every command is taken out, behind -- nothing is touched")
    func common() {
        let line = CommandLineArguments(["creds", "--verbose", "ls", "--color", "always", "--", "--verbose"])
        #expect(line.arguments == ["creds", "ls", "--", "--verbose"])
        #expect(line.isVerbose)
        #expect(line.isAlwaysColoured)
        #expect(CommandLineArguments(["stat"], environment: ["DEBUG": ""]).isVerbose)
        #expect(!CommandLineArguments(["stat"]).isVerbose)
    }

    @Test(
        "an unknown command gets the one that was probably meant",
        arguments: [
            (["strat"], "did you mean start?"), (["creds", "lst"], "did you mean ls?"), (["zzzzzz"], "Known: "),
            (["creds", "zzzzzz"], "Usage: al creds <subcommand>"), (["help", "nope"], "Unknown command `nope`"),
            (["help", "creds", "lst"], "did you mean ls?"),
            (["stat", "--color", "sometimes"], "--color has one value"),
        ]
    )
    func unknown(arguments: [String], says: String) throws {
        let misuse = try #require(CommandLineArguments(arguments).misuse(of: Al.self))
        #expect(!misuse.isHelp)
        #expect(misuse.text.contains(says), "\(misuse.text)")
    }

    @Test("a group alone is helped", arguments: [[], ["creds"]])
    func groups(arguments: [String]) throws {
        let misuse = try #require(CommandLineArguments(arguments).misuse(of: Al.self))
        #expect(misuse.isHelp)
        #expect(misuse.text.contains("SUBCOMMANDS"))
    }

    @Test(
        "what the parser understands is left to it",
        arguments: [
            ["creds", "ls"], ["help"], ["help", "creds"], ["help", "creds", "ls"], ["--help"], ["creds", "-h"],
        ]
    )
    func understood(arguments: [String]) {
        #expect(CommandLineArguments(arguments).misuse(of: Al.self) == nil)
    }
}

@Suite(.timeLimit(.minutes(5))) struct CommonRuleTests {
    @Test(
        "-V and --version print the version alone, behind any command",
        arguments: [["-V"], ["--version"], ["creds", "-V"], ["run", "-V"], ["stat", "--version"]]
    )
    func version(arguments: [String]) async throws {
        try await AlProcess.withDirectory { al in
            let result = try await al.run(arguments)
            #expect(result.code == 0)
            #expect(result.output == Version.current + "\n")
        }
    }

    @Test("a group alone prints help on standard error and ends with 1", arguments: ["creds", "agent"])
    func group(name: String) async throws {
        try await AlProcess.withDirectory { al in
            let result = try await al.run(name)
            #expect(result.code == 1)
            #expect(result.output.isEmpty)
            #expect(result.error.contains("SUBCOMMANDS"))
        }
    }

    @Test("with --json an error is a document with a stable code")
    func jsonError() async throws {
        try await AlProcess.withDirectory { al in
            let result = try await al.run("stat", "nobody", "--json")
            #expect(result.code == 1)
            let document = try JSONValue(parsing: result.output)
            #expect(document["error"]?["code"]?.stringValue?.isEmpty == false)
            #expect(document["error"]?["message"]?.stringValue?.contains("nobody") == true)
        }
    }

    @Test("completion scripts exist for the usual shells", arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) async throws {
        try await AlProcess.withDirectory { al in
            let result = try await al.run("--generate-completion-script", shell)
            #expect(result.code == 0)
            #expect(result.output.contains("creds"))
        }
    }

    @Test("colours can be had without a terminal")
    func colour() async throws {
        try await AlProcess.withDirectory { al in
            _ = try await al.run("creds", "add", "github_token", "--stdin", "--no-verify", input: "a-secret-value")
            #expect(try await al.run("creds", "ls", "--color=always").output.contains("\u{1B}[1m"))
            #expect(!(try await al.run("creds", "ls").output.contains("\u{1B}")))
        }
    }
}
