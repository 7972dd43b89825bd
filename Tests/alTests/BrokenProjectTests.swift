import Foundation
import TestSupport
import Testing

/// One broken project and the words of the sentence it must get.
struct BrokenProject: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let files: [String: String]
    let says: [String]

    static let agent =
        "credentials = []\nschedule = \"0 0 1 1 *\"\n[model]\nprovider = \"scripted\"\nmodel = \"s.yaml\"\n"
    static let script = "turns: [ { text: x } ]\n"

    static func with(_ name: String, agent text: String, says: [String]) -> BrokenProject {
        BrokenProject(
            testDescription: name,
            files: ["agents/a/agent-config.toml": text, "agents/a/s.yaml": script, "agents/a/ACTIONS.md": "x"],
            says: says
        )
    }

    static let all: [BrokenProject] = [
        with("malformed TOML", agent: "schedule = \"\n", says: ["agents/a/agent-config.toml:1", "not valid TOML"]),
        with(
            "invalid cron",
            agent: agent.replacing("0 0 1 1 *", with: "61 * * * *"),
            says: ["agents/a/agent-config.toml:2", "schedule", "minute"]
        ),
        with(
            "missing trigger",
            agent: agent.replacing("schedule = \"0 0 1 1 *\"\n", with: ""),
            says: ["Agent `a`", "nothing starts it"]
        ),
        with(
            "unknown provider",
            agent: agent.replacing("scripted", with: "antropic"),
            says: ["model.provider", "antropic", "anthropic"]
        ),
        with("wrong type", agent: "timeout = \"600\"\n" + agent, says: ["agents/a/agent-config.toml:1", "timeout"]),
        with(
            "missing credential",
            agent: agent.replacing("[]", with: "[\"github_token\"]"),
            says: ["github_token", "missing", "al creds add"]
        ),
        with(
            "unknown credential type",
            agent: agent.replacing("[]", with: "[\"github_tokn\"]"),
            says: ["github_tokn", "github_token"]
        ),
        with("missing script", agent: agent.replacing("s.yaml", with: "none.yaml"), says: ["none.yaml"]),
        BrokenProject(
            testDescription: "broken script",
            files: [
                "agents/a/agent-config.toml": agent, "agents/a/ACTIONS.md": "x",
                "agents/a/s.yaml": "turns:\n  - txt: x\n",
            ],
            says: ["s.yaml:2", "turns[0]"]
        ),
        BrokenProject(testDescription: "no agents", files: ["config.toml": ""], says: ["No agents"]),
        BrokenProject(
            testDescription: "an agent's own directory",
            files: ["ACTIONS.md": "x"],
            says: ["agent's directory"]
        ),
    ]
}

@Suite(.timeLimit(.minutes(5))) struct BrokenProjectTests {
    @Test("a broken project gets its sentence, exit code 1, and nothing is started", arguments: BrokenProject.all)
    func start(project: BrokenProject) async throws {
        try await AlProcess.withDirectory { al in
            for (path, text) in project.files { try al.write("p/" + path, text) }
            let result = try await al.run("start", "-H", "--no-docker", "--port", "1", "-p", "p")
            #expect(result.code == 1)
            for words in project.says { #expect(result.error.contains(words), "\(result.error)") }
            #expect(!FileManager.default.fileExists(atPath: al.directory + "/p/.al"))
        }
    }

    @Test("an unknown key is a warning that names the nearest known one, with --strict an error")
    func unknownKey() async throws {
        try await AlProcess.withDirectory { al in
            try al.write("p/agents/a/agent-config.toml", "timeot = 5\n" + BrokenProject.agent)
            try al.write("p/agents/a/s.yaml", BrokenProject.script)
            try al.write("p/agents/a/ACTIONS.md", "x")
            let lenient = try await al.run("doctor", "--check-only", "-p", "p")
            let said = lenient.output + lenient.error
            #expect(
                said.contains("agents/a/agent-config.toml:1: timeot: unknown key — did you mean \"timeout\"?"),
                "\(said)"
            )
            let strict = try await al.run("doctor", "--check-only", "--strict", "-p", "p")
            #expect(strict.code == 1)
        }
    }

    @Test("a start without isolation takes the operator's login, and says and logs what is unusual in the files")
    func unusual() async throws {
        try await AlProcess.withDirectory { al in
            let model = "[model]\nprovider = \"anthropic\"\nmodel = \"claude-sonnet-4-5\"\nauthType = \"pi_auth\"\n"
            try al.write("config.toml", "[gateway]\nport = \(LoopbackSSHServer.freePort())\n")
            try al.write("agents/a/agent-config.toml", "timeot = 5\ncredentials = []\nmanual = true\n" + model)
            try al.write("agents/a/ACTIONS.md", "x")
            #expect(try await al.run("doctor", "--check-only").output.contains("authType pi_auth needs"))
            // There is no terminal, which is all that is wrong with a chat.
            #expect(try await al.run("chat", "a").error.contains("a chat needs a terminal"))
            let code = try await al.scheduling { _ in
                let stopped = try await al.run("stop")
                #expect(stopped.code == 0)
            }
            #expect(code == 0)
            let logs = try FileManager.default.contentsOfDirectory(atPath: al.directory + "/.al/logs")
            let log = try #require(logs.first { $0.hasPrefix("scheduler-") })
            let lines = try al.text(".al/logs/\(log)").split(separator: "\n")
            let line = lines.first { $0.contains("agents/a/agent-config.toml:1: timeot: unknown key") }
            #expect(line?.contains("unusual configuration") == true, "\(lines)")
        }
    }

    @Test("a script that calls a tool nobody has draws a warning with the nearest one")
    func unknownTool() async throws {
        try await AlProcess.withDirectory { al in
            try al.write("p/agents/a/agent-config.toml", BrokenProject.agent)
            let calls = "turns:\n  - calls:\n      - bsh: ls\n      - mcp__x__y: {}\n"
            try al.write("p/agents/a/s.yaml", calls + "  - text: x\n")
            try al.write("p/agents/a/ACTIONS.md", "x")
            let result = try await al.run("doctor", "--check-only", "-p", "p")
            let said = result.output + result.error
            #expect(said.contains("agents/a/s.yaml:3: there is no tool bsh"), "\(said)")
            #expect(said.contains("did you mean \"bash\"?") && !said.contains("mcp__x__y"), "\(said)")
        }
    }

    @Test("an engine that does not answer is named with its remedies")
    func noEngine() async throws {
        try await AlProcess.withDirectory { al in
            try al.write("p/config.toml", "[local]\nruntime = \"docker\"\n")
            try al.write("p/agents/a/agent-config.toml", BrokenProject.agent)
            try al.write("p/agents/a/s.yaml", BrokenProject.script)
            let result = try await al.run("start", "-H", "-p", "p")
            #expect(result.code == 1)
            #expect(result.error.contains("Agent error: "), "\(result.error)")
            #expect(result.error.contains("No container engine answers"), "\(result.error)")
        }
    }
}
