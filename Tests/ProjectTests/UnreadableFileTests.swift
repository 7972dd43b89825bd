import Domain
import Foundation
import Project
import Testing

@Suite("Files of a project that cannot be read")
struct UnreadableFileTests {
    private static let agent = """
        credentials = []
        models = ["big"]
        [[webhooks]]
        source = "hub"
        [mcp.db]
        """

    @Test("A file that is no TOML is told once, and nothing about what it would have defined")
    func syntax() throws {
        var files = ["config.toml": "a = \n"]
        for name in ["a", "b"] {
            files["agents/\(name)/agent-config.toml"] = Self.agent
            files["agents/\(name)/ACTIONS.md"] = "Work.\n"
        }
        files["agents/c/agent-config.toml"] = "credentials = []\nmanual = true\n"
        files["agents/c/ACTIONS.md"] = "Work.\n"
        let project = try TemporaryProject(files)
        defer { withExtendedLifetime(project) {} }
        let loaded = project.load()
        #expect(loaded.problems.map(\.code) == [.configSyntax])
        #expect(loaded.unreadable.map(\.file) == ["config.toml"])
        #expect(loaded.agents.isEmpty)
        #expect(loaded.obstacles(to: "a") == loaded.unreadable)
    }

    @Test("What is wrong with an agent itself is still told")
    func agentToo() throws {
        var files = TemporaryProject.sound
        files["config.toml"] = "a = \n"
        files["agents/dev/agent-config.toml"] = "credentials = []\nmanual = true\nscale = \"two\"\n"
        let project = try TemporaryProject(files)
        defer { withExtendedLifetime(project) {} }
        let loaded = project.load()
        #expect(loaded.problems.map(\.code) == [.configBadType, .configSyntax])
        #expect(loaded.obstacles(to: "dev").map(\.code) == [.configBadType])
        #expect(loaded.obstacleText(to: "dev")?.hasPrefix("agents/dev/agent-config.toml:3: scale: ") == true)
    }

    @Test("A sound agent and an unknown one have no obstacles")
    func none() throws {
        let project = try TemporaryProject(TemporaryProject.sound)
        defer { withExtendedLifetime(project) {} }
        let loaded = project.load()
        #expect(loaded.obstacles(to: "dev").isEmpty)
        #expect(loaded.obstacles(to: "nobody").isEmpty)
        #expect(loaded.obstacleText(to: "dev") == nil)
    }

    @Test("The binding of a machine must be texts", arguments: ["projectName = 5", "environment = []"])
    func binding(line: String) throws {
        var files = TemporaryProject.sound
        files[".env.toml"] = line + "\n"
        let project = try TemporaryProject(files)
        defer { withExtendedLifetime(project) {} }
        let loaded = project.load()
        #expect(loaded.problems.map(\.code) == [.configBadType])
        #expect(loaded.problems.first?.description.hasPrefix(".env.toml:1: ") == true)
    }

    @Test("A key of an agent has its file and line, one that is absent the file")
    func place() throws {
        let project = try TemporaryProject(TemporaryProject.sound)
        defer { withExtendedLifetime(project) {} }
        let loaded = project.load()
        #expect(loaded.place(of: "manual", inAgent: "dev") == "agents/dev/agent-config.toml:2: manual")
        #expect(loaded.place(of: "model", inAgent: "dev") == "agents/dev/agent-config.toml: model")
        #expect(loaded.place(of: "model", inAgent: "gone") == "model")
    }
}
