import Domain
import Foundation
import Project
import Testing

@Suite("Finding agents")
struct DiscoveryTests {
    private static let agent = "credentials = []\nmanual = true\n"

    @Test("Both layouts are read; agents/ wins and the older one draws a hint")
    func layouts() throws {
        var files = TemporaryProject.sound
        for name in ["old", "dev", "shared", "node_modules", ".hidden"] {
            files["\(name)/agent-config.toml"] = Self.agent + "description = \"root\"\n"
            files["\(name)/ACTIONS.md"] = "root"
        }
        files["agents/.hidden/agent-config.toml"] = Self.agent
        files["agents/node_modules/agent-config.toml"] = Self.agent
        files["agents/notes/ACTIONS.md"] = "no agent"
        let project = try TemporaryProject(files)
        let loaded = project.load()
        #expect(loaded.agentDirectories == ["dev", "old"])
        #expect(loaded.agents.map(\.description) == [nil, "root"])
        #expect(loaded.agents.map { $0.directory.hasSuffix("/agents/dev") } == [true, false])
        #expect(loaded.hints == ["Agents in the project's root are an older layout; move them to agents/: old"])
        #expect(loaded.problems.map(\.code) == [.agentTwoPlaces])
    }

    @Test("Agents are sorted by bytes, links are followed, dangling ones are skipped with a warning")
    func links() throws {
        var files = TemporaryProject.sound
        for name in ["b-1", "b", "a2", "a10"] {
            files["agents/\(name)/agent-config.toml"] = Self.agent
            files["agents/\(name)/ACTIONS.md"] = "x"
        }
        files["elsewhere/nested/agent-config.toml"] = Self.agent
        files["elsewhere/nested/ACTIONS.md"] = "linked"
        let project = try TemporaryProject(files)
        let manager = FileManager.default
        try manager.createSymbolicLink(
            atPath: "\(project.path)/agents/link",
            withDestinationPath: "../elsewhere/nested"
        )
        try manager.createSymbolicLink(atPath: "\(project.path)/agents/gone", withDestinationPath: "nowhere")
        let loaded = project.load()
        #expect(loaded.agentDirectories == ["a10", "a2", "b", "b-1", "dev", "link"])
        #expect(loaded.agents.last?.instructions == "linked")
        #expect(loaded.problems.map(\.description) == ["agents/gone: cannot be followed or read; skipped"])
    }

    @Test("A directory that nobody can enter and no agent can be named like is skipped with a warning")
    func lostAndFound() throws {
        let project = try TemporaryProject(TemporaryProject.sound)
        let path = "\(project.path)/agents/lost+found"
        // A link to itself: nobody, not even root, can look behind it.
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path)
        let loaded = project.load()
        #expect(loaded.errors.isEmpty)
        #expect(loaded.agentDirectories == ["dev"])
        #expect(loaded.problems.map(\.description) == ["agents/lost+found: cannot be followed or read; skipped"])
    }

    @Test("The form with SKILL.md is read too, its front matter left out")
    func skill() throws {
        var files = TemporaryProject.sound
        files["agents/ops/config.toml"] = Self.agent
        files["agents/ops/SKILL.md"] = "\u{FEFF}--- \r\nname: ops\r\n---\t\r\nBody.\r\n"
        let loaded = try TemporaryProject(files).load()
        #expect(loaded.problems.map(\.description) == [])
        #expect(loaded.agents.last?.instructions == "Body.\n")
    }

    @Test("Params keep their order and their dates become texts")
    func params() throws {
        var files = TemporaryProject.sound
        files["agents/dev/agent-config.toml"] = """
            credentials = ["github_token", "aws:eu", "github_token"]
            schedule = "0 6 * * *"

            [params]
            zebra = 1
            apple = { pip = true, core = 2.5 }
            day = 2026-01-02
            list = ["x", "y"]
            """
        let agent = try #require(try TemporaryProject(files).load().agents.first)
        #expect(
            agent.params.compactText
                == #"{"zebra":1,"apple":{"pip":true,"core":2.5},"day":"2026-01-02","list":["x","y"]}"#
        )
        #expect(agent.credentials.map(\.description) == ["github_token", "aws:eu"])
        #expect(agent.schedule?.expression == "0 6 * * *")
    }
}
