import Domain
import Foundation
import Project
import Testing

@Suite("Reading one agent again")
struct AgentReloadTests {
    private let project: TemporaryProject
    private let loaded: LoadedProject
    private let last: AgentSnapshot

    init() throws {
        project = try TemporaryProject(TemporaryProject.sound)
        loaded = project.load()
        last = try #require(loaded.snapshot(of: AgentName("dev")))
    }

    @Test("The same files are no change, and neither is what an editor leaves behind")
    func unchanged() throws {
        try project.write("x", to: "agents/dev/.ACTIONS.md.swp")
        try project.write("x", to: "agents/dev/ACTIONS.md~")
        try project.write(TemporaryProject.sound["agents/dev/ACTIONS.md"] ?? "", to: "agents/dev/ACTIONS.md")
        #expect(loaded.reload("dev", last: last) == .unchanged)
        #expect(last.config == loaded.agents.first)
    }

    @Test("Every other file is a change", arguments: ["ACTIONS.md", "Dockerfile", "skills/x/SKILL.md"])
    func changed(file: String) throws {
        try project.write("new", to: "agents/dev/\(file)")
        guard case .changed(let snapshot) = loaded.reload("dev", last: last) else { throw Unexpected() }
        #expect(snapshot.filesHash != last.filesHash)
        #expect((snapshot.config == last.config) == (file != "ACTIONS.md"))
        #expect(loaded.reload("dev", last: snapshot) == .unchanged)
    }

    @Test("A new agent is added with the settings the project was loaded with")
    func added() throws {
        try project.write("workQueueSize = 3\n", to: "config.toml")
        try project.write("schedule = \"@daily\"\n", to: "agents/ops/agent-config.toml")
        guard case .added(let snapshot) = loaded.reload("ops", last: nil) else { throw Unexpected() }
        #expect(snapshot.config.workQueueSize == 100)
        #expect(snapshot.config.model == last.config.model)
        #expect(
            snapshot.warnings.map(\.description) == [
                "agents/ops/ACTIONS.md: is missing; the agent runs with neutral instructions",
                "agents/ops/agent-config.toml: credentials: is missing, [] is used",
            ]
        )
        #expect(loaded.presentAgentDirectories == ["dev", "ops"])
    }

    @Test("A broken file says file, line and key; mended it applies")
    func invalid() throws {
        try project.write("credentials = []\nmanual = true\ntimeout = \"5\"\n", to: "agents/dev/agent-config.toml")
        guard case .invalid(let problems) = loaded.reload("dev", last: last) else { throw Unexpected() }
        #expect(
            problems.map(\.description)
                == ["agents/dev/agent-config.toml:3: timeout: expected a whole number ≥ 1, found \"5\""]
        )
        try project.write("credentials = []\nmanual = true\ntimeout = 5\n", to: "agents/dev/agent-config.toml")
        guard case .changed(let snapshot) = loaded.reload("dev", last: last) else { throw Unexpected() }
        #expect(snapshot.config.timeout == 5)
    }

    @Test("An agent is gone with its directory or with the file that made it one")
    func removed() throws {
        try FileManager.default.removeItem(atPath: "\(project.path)/agents/dev/agent-config.toml")
        #expect(loaded.reload("dev", last: last) == .removed)
        try FileManager.default.removeItem(atPath: "\(project.path)/agents/dev")
        #expect(loaded.reload("dev", last: last) == .removed)
        #expect(loaded.reload("dev", last: nil) == .unchanged)
        #expect(loaded.presentAgentDirectories == [])
    }

    @Test("What cannot be looked at is not gone", arguments: ["agents/dev/agent-config.toml", "agents/dev", "agents"])
    func unreadable(file: String) throws {
        let path = "\(project.path)/\(file)"
        try FileManager.default.removeItem(atPath: path)
        // A link to itself: nobody, not even root, can look behind it.
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path)
        guard case .invalid(let problems) = loaded.reload("dev", last: last) else { throw Unexpected() }
        #expect(problems.map(\.text) == ["cannot be read; check its permissions"])
        #expect(!project.load().errors.isEmpty)
        #expect(LoadedProject.isAgent(directory: last.config.directory))
    }

    @Test("Instructions that cannot be read are not left out")
    func unreadableInstructions() throws {
        let path = "\(project.path)/agents/dev/ACTIONS.md"
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path)
        guard case .invalid(let problems) = loaded.reload("dev", last: last) else { throw Unexpected() }
        #expect(problems.map(\.file) == ["agents/dev/ACTIONS.md"])
    }

    @Test(
        "Front matter that is wrong keeps instructions from being in force",
        arguments: ["---\nname: dev\n", "---\ndescription: [a]\n---\nx\n"]
    )
    func brokenFrontMatter(skill: String) throws {
        try FileManager.default.removeItem(atPath: "\(project.path)/agents/dev/ACTIONS.md")
        try project.write(skill, to: "agents/dev/SKILL.md")
        guard case .invalid(let problems) = loaded.reload("dev", last: last) else { throw Unexpected() }
        #expect(problems.map(\.file) == ["agents/dev/SKILL.md"])
        #expect(project.load().agents == [])
    }

    @Test("A login that isolated runs lack is invalid")
    func login() throws {
        let model = "[model]\nprovider = \"anthropic\"\nmodel = \"x\"\nauthType = \"pi_auth\"\n"
        try project.write("credentials = []\nmanual = true\n" + model, to: "agents/dev/agent-config.toml")
        guard case .invalid(let problems) = loaded.reload("dev", last: last) else { throw Unexpected() }
        #expect(problems.map(\.code) == [.modelPiAuth])
        guard case .changed = project.load(runtime: .host).reload("dev", last: last) else { throw Unexpected() }
    }

    @Test("A directory with an impossible name is invalid")
    func badName() throws {
        try project.write("credentials = []\nmanual = true\n", to: "agents/Bad_Name/agent-config.toml")
        guard case .invalid(let problems) = loaded.reload("Bad_Name", last: nil) else { throw Unexpected() }
        #expect(problems.map(\.code) == [.agentBadName])
    }

    private struct Unexpected: Error {}
}
