import Domain
import Foundation
import Project
import Testing

@testable import al

@Suite(.timeLimit(.minutes(5))) struct AgentCommandTests {
    private static let config = "[model]\nprovider = \"scripted\"\nmodel = \"script.yaml\"\n"

    private func text(_ al: AlProcess, _ path: String) -> String? {
        try? String(contentsOfFile: "\(al.directory)/\(path)", encoding: .utf8)
    }

    @Test("an agent is made without questions, and its webhook source with it")
    func new() async throws {
        try await AlProcess.withDirectory { al in
            try al.write(
                "config.toml",
                "# mine\n[model]\nprovider = \"anthropic\"\nmodel = \"claude-opus-4-1\"\nauthType = \"api_key\"\n"
            )
            let result = try await al.run(
                "agent",
                "new",
                "--template",
                "dev",
                "--name",
                "coder",
                "--set",
                "org=acme",
                "--set",
                "author=me",
                "--yes"
            )
            #expect(result.code == 0, "\(result.error)")
            #expect(text(al, "agents/coder/agent-config.toml")?.contains("labels = [\"ready-for-dev\"]") == true)
            #expect(text(al, "agents/coder/ACTIONS.md")?.hasPrefix("# coder\n") == true)
            #expect(text(al, "agents/coder/Dockerfile")?.contains("gh") == true)
            let config = try #require(text(al, "config.toml"))
            #expect(config.hasPrefix("# mine\n"))
            #expect(config.contains("[webhooks.github]"))
            let doctor = try await al.run("doctor", "--check-only", "--json")
            let findings = try JSONValue(parsing: doctor.output)["findings"]?.arrayValue ?? []
            let texts = findings.compactMap { $0["text"]?.stringValue }
            #expect(!texts.contains { $0.contains("agents/coder/") }, "\(texts)")
        }
    }

    @Test("what is not answered ends at once with 2 and names the flag")
    func noTerminal() async throws {
        try await AlProcess.withDirectory { al in
            try al.write("config.toml", Self.config)
            let which = try await al.run("agent", "new")
            #expect(which.code == 2)
            #expect(which.error.contains("--template"))
            let org = try await al.run("agent", "new", "--template", "dev", "--yes")
            #expect(org.code == 2)
            #expect(org.error.contains("--set org=…"))
            let menu = try await al.run("agent", "config", "dev")
            #expect(menu.code == 1)
            #expect(!FileManager.default.fileExists(atPath: al.directory + "/agents"))
        }
    }

    @Test(
        "wrong answers are refused with what is known",
        arguments: [
            (["--template", "deb"], "did you mean dev?"), (["--template", "custom", "--name", "Bad Name"], "a–z"),
            (["--template", "dev", "--set", "ogr=x"], "did you mean org?"),
            (["--template", "custom", "--name", "default"], "reserved"),
            (["--template", "custom", "--name", "taken"], "exists already"),
        ]
    )
    func refused(arguments: [String], says: String) async throws {
        try await AlProcess.withDirectory { al in
            try al.write("agents/taken/agent-config.toml", "manual = true\n")
            let result = try await al.run(["agent", "new", "--yes"] + arguments)
            #expect(result.code == 1)
            #expect(result.error.contains(says), "\(result.error)")
        }
    }

    private static let agent = """
        credentials = ["github_token"] # one
        schedule = "0 * * * *"

        [[webhooks]]
        source = "github"
        events = ["issues"]

        [params]
        org = "acme" # who

        """

    private func project(_ al: AlProcess) throws {
        try al.write("config.toml", Self.config + "[webhooks.github]\ntype = \"github\"\n")
        try al.write("agents/dev/agent-config.toml", Self.agent)
    }

    @Test("settings change by options, everything else stays")
    func config() async throws {
        try await AlProcess.withDirectory { al in
            try project(al)
            let result = try await al.run(
                "agent",
                "config",
                "dev",
                "--schedule",
                "0 7 * * *",
                "--set",
                "org=other",
                "--set",
                "limit=3",
                "--add-credential",
                "git_ssh:work",
                "--add-webhook",
                "github;events=pull_request;author=me"
            )
            #expect(result.code == 0, "\(result.error)")
            let file = text(al, "agents/dev/agent-config.toml")
            let text = try #require(file)
            #expect(text.contains("credentials = [\"github_token\", \"git_ssh:work\"] # one"))
            #expect(text.contains("schedule = \"0 7 * * *\""))
            #expect(text.contains("org = \"other\" # who"))
            #expect(text.contains("limit = 3"))
            #expect(text.contains("author = \"me\""))
            let again = try await al.run("agent", "config", "dev", "--schedule", "0 7 * * *")
            #expect(again.output.contains("as it was"))
        }
    }

    @Test(
        "a change that will not do is refused and nothing is written",
        arguments: [
            (["--schedule", "61 * * * *"], "minute"),
            (["--add-credential", "anthropic_key"], "never given to an agent"),
            (["--add-credential", "github_tokn"], "did you mean github_token?"),
            (["--add-webhook", "gitlab"], "is not defined"),
            (["--add-webhook", "github;resources=x"], "not a filter of github"),
            (["--provider", "openai"], "--model"),
            (["--thinking", "hard", "--provider", "openai", "--model", "x"], "xhigh"),
            (["--remove-webhook", "2"], "no trigger 2"), (["--set", "x"], "key=value"),
            (["--provider", "custom", "--model", "m"], "model.baseUrl: is missing"),
            (["--provider", "custom", "--model", "m", "--base-url", "http://"], "--base-url"),
        ]
    )
    func configRefused(arguments: [String], says: String) async throws {
        try await AlProcess.withDirectory { al in
            try project(al)
            let result = try await al.run(["agent", "config", "dev"] + arguments)
            #expect(result.code == 1)
            #expect(result.error.contains(says), "\(result.error)")
            #expect(text(al, "agents/dev/agent-config.toml") == Self.agent)
        }
    }

    @Test("another provider's model takes nothing over, least of all where the key goes; the same one's stays")
    func otherProvider() async throws {
        try await AlProcess.withDirectory { al in
            let path = "agents/dev/agent-config.toml"
            try al.write("config.toml", Self.config)
            try al.write(
                path,
                """
                manual = true

                [model]
                provider = "custom"
                model = "qwen"
                authType = "api_key"
                baseUrl = "http://proxy:1/v1"

                [model.headers]
                x-key = "old"
                """
            )
            let same = try await al.run("agent", "config", "dev", "--provider", "custom", "--model", "llama")
            #expect(same.code == 0, "\(same.error)")
            #expect(try al.text(path).contains("http://proxy:1/v1"))
            let unnamed = try await al.run("agent", "config", "dev", "--provider", "openai")
            #expect(unnamed.code == 1)
            let other = try await al.run("agent", "config", "dev", "--provider", "openai", "--model", "gpt-4o")
            #expect(other.code == 0, "\(other.error)")
            let text = try al.text(path)
            #expect(text.contains("gpt-4o"))
            #expect(!text.contains("proxy"))
            #expect(!text.contains("x-key"))
        }
    }

    @Test("a server is named without questions")
    func baseURL() async throws {
        try await AlProcess.withDirectory { al in
            try project(al)
            let arguments = ["--provider", "custom", "--model", "m", "--base-url", "http://localhost:1/v1"]
            let result = try await al.run(["agent", "config", "dev"] + arguments)
            #expect(result.code == 0, "\(result.error)")
            #expect(try al.text("agents/dev/agent-config.toml").contains("baseUrl = \"http://localhost:1/v1\""))
        }
    }

    @Test("what is no agent's name changes no file", arguments: ["", ".", "..", "src", "../dev"])
    func noAgent(name: String) async throws {
        try await AlProcess.withDirectory { al in
            try project(al)
            try al.write("src/config.toml", "x = 1\n")
            let before = try al.text("config.toml")
            let result = try await al.run("agent", "config", name, "--schedule", "0 7 * * *")
            #expect(result.code == 1)
            #expect(result.error.contains("there is no agent `\(name)`"), "\(result.error)")
            #expect(try al.text("config.toml") == before)
            #expect(try al.text("src/config.toml") == "x = 1")
        }
    }

    @Test("where the source of its triggers cannot be added no agent is made")
    func newWithoutSource() async throws {
        try await AlProcess.withDirectory { al in
            try al.write("config.toml", "x = = 1\n")
            let answers = ["--set", "org=acme", "--set", "author=me", "--yes"]
            let result = try await al.run(["agent", "new", "--template", "dev"] + answers)
            #expect(result.code == 1)
            #expect(result.error.contains("config.toml:1"), "\(result.error)")
            #expect(!FileManager.default.fileExists(atPath: al.directory + "/agents"))
        }
    }

    @Test("a source without a secret says that it accepts unsigned deliveries, where there could be one")
    func unsignedSource() async throws {
        try await AlProcess.withDirectory { al in
            try NewWebhookSource(name: "hub", type: "github", credential: nil).write(to: al.directory)
            try NewWebhookSource(name: "org", type: "github", credential: "Org").write(to: al.directory)
            try NewWebhookSource(name: "try", type: "test", credential: nil).write(to: al.directory)
            let sources = ProjectLoader(home: al.home).load(al.directory).config.webhooks
            #expect(sources["hub"]?.allowUnsigned == true)
            #expect(sources["org"]?.allowUnsigned == false)
            #expect(sources["org"]?.credential == "Org")
            #expect(sources["try"]?.allowUnsigned == false)
        }
    }

    @Test("agents are listed, broken ones too")
    func list() async throws {
        try await AlProcess.withDirectory { al in
            try project(al)
            try al.write("agents/broken/agent-config.toml", "schedule = [\n")
            let result = try await al.run("agent", "list")
            #expect(result.output.contains("dev"))
            #expect(result.output.contains("(broken: al doctor)"))
            let json = try JSONValue(parsing: try await al.run("agent", "list", "--json").output)
            #expect(json["agents"]?.arrayValue?.compactMap { $0["valid"]?.boolValue } == [false, true])
        }
    }
}
