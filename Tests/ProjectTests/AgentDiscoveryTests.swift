import Domain
import Foundation
import Project
import Testing

@Suite("Discovery of agents")
struct AgentDiscoveryTests {
    private static let agent = "credentials = []\nmanual = true\n"

    @Test("Directories with a config file are agents, in byte order; everything else is passed over")
    func directories() throws {
        let files = try ProjectFiles([
            "config.toml": ProjectFiles.model,
            "agents/b/agent-config.toml": Self.agent, "agents/b/ACTIONS.md": "x",
            "agents/a-1/agent-config.toml": Self.agent, "agents/a-1/ACTIONS.md": "x",
            "agents/.hidden/agent-config.toml": Self.agent,
            "agents/node_modules/agent-config.toml": Self.agent,
            "agents/notes/README.md": "x",
            "agents/file.txt": "x",
            "elsewhere/agent-config.toml": Self.agent, "elsewhere/ACTIONS.md": "x",
        ])
        let link = "\(files.directory)/agents/linked"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "../elsewhere")
        try FileManager.default.createSymbolicLink(
            atPath: "\(files.directory)/agents/dangling",
            withDestinationPath: "../nowhere"
        )
        let loaded = files.load()
        #expect(loaded.agentDirectories == ["a-1", "b", "elsewhere", "linked"])
        #expect(loaded.problems.map(\.description) == ["agents/dangling: cannot be followed or read; skipped"])
    }

    @Test("Agents in the root are read with one hint; of two of one name the one under agents/ counts")
    func olderLayout() throws {
        let files = try ProjectFiles([
            "config.toml": ProjectFiles.model,
            "old/agent-config.toml": Self.agent, "old/ACTIONS.md": "x",
            "both/agent-config.toml": Self.agent + "timeout = 1\n", "both/ACTIONS.md": "x",
            "agents/both/agent-config.toml": Self.agent + "timeout = 2\n", "agents/both/ACTIONS.md": "x",
            "shared/agent-config.toml": Self.agent,
        ])
        let loaded = files.load()
        #expect(loaded.agents.map(\.name.rawValue) == ["both", "old"])
        #expect(loaded.agents.map(\.timeout) == [2, 900])
        #expect(loaded.agents.last?.directory == "\(loaded.directory)/old")
        #expect(loaded.hints.count == 1)
        #expect(loaded.problems.map(\.code) == [.agentTwoPlaces])
    }

    @Test(
        "Names that cannot be an agent's are refused",
        arguments: ["Dev", "dev_1", "-dev", "dev-", "ä", "default", String(repeating: "a", count: 64)]
    )
    func badNames(name: String) throws {
        let files = try ProjectFiles([
            "config.toml": ProjectFiles.model, "agents/\(name)/agent-config.toml": Self.agent,
            "agents/\(name)/ACTIONS.md": "x",
        ])
        let loaded = files.load()
        #expect(loaded.agents.isEmpty)
        let problem = try #require(loaded.problems.first)
        #expect(loaded.problems.count == 1)
        #expect(problem.code == .agentBadName)
        #expect(problem.description.hasPrefix("agents/\(name): \"\(name)\" "))
    }

    @Test("An agent without instructions runs with neutral ones, and people are told")
    func noInstructions() throws {
        let files = try ProjectFiles(["config.toml": ProjectFiles.model, "agents/dev/agent-config.toml": Self.agent])
        let loaded = files.load()
        #expect(loaded.agents.first?.instructions == "")
        #expect(
            loaded.problems.map(\.description) == [
                "agents/dev/ACTIONS.md: is missing; the agent runs with neutral instructions"
            ]
        )
    }

    @Test("SKILL.md beside config.toml registers an agent; its front matter is not part of the instructions")
    func skill() throws {
        let files = try ProjectFiles([
            "config.toml": ProjectFiles.model, "agents/dev/config.toml": Self.agent,
            "agents/dev/SKILL.md": "---\nname: dev\n---\nDo the work.\n",
        ])
        let loaded = files.load()
        #expect(loaded.problems.isEmpty)
        #expect(loaded.agents.first?.instructions == "Do the work.\n")
    }
}
