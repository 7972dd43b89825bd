import Domain
import Foundation
import Project
import Testing

@Suite("A new project")
struct ScaffoldTests {
    private static func scaffold(_ path: String) -> ProjectScaffold {
        var model = ModelConfig(provider: .anthropic, model: "claude-x")
        model.thinkingLevel = .medium
        return ProjectScaffold(directory: path, model: model)
    }

    @Test("Its files are written, and load without a problem")
    func files() throws {
        let project = try TemporaryProject()
        let created = try Self.scaffold(project.path).write()
        #expect(
            created == [
                "agents", ".workspace", ".gitignore", "Dockerfile", "AGENTS.md", "CLAUDE.md", ".env.toml",
                "config.toml",
            ]
        )
        #expect(project.text(".gitignore") == "node_modules/\n.workspace/\n.al/\n.env.toml\n*.log\n.DS_Store\n")
        #expect(project.text(".env.toml") == "projectName = \"project\"\n")
        #expect(project.text("CLAUDE.md") == project.text("AGENTS.md"))
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: "\(project.path)/CLAUDE.md") == "AGENTS.md"
        )
        let loaded = project.load()
        #expect(loaded.problems.map(\.description) == [])
        #expect(loaded.config.projectName == "project")
        #expect(loaded.config.model?.thinkingLevel == .medium)
        #expect(loaded.config.model?.model == "claude-x")
    }

    @Test("A directory that does not exist is made")
    func newDirectory() throws {
        let project = try TemporaryProject()
        try Self.scaffold("\(project.path)/deep/shop").write()
        #expect(project.text("deep/shop/.env.toml") == "projectName = \"shop\"\n")
    }

    @Test("A second time it is refused and nothing changes")
    func twice() throws {
        let project = try TemporaryProject()
        try Self.scaffold(project.path).write()
        try project.write("mine", to: "config.toml")
        let error = #expect(throws: ProjectError.self) { try Self.scaffold(project.path).write() }
        #expect(error?.code == .exists)
        #expect(
            error?.message == "\(project.path) holds a project already (config.toml exists). Choose another name."
        )
        #expect(project.text("config.toml") == "mine")
    }

    @Test("Files of others are kept as they are")
    func keepsForeign() throws {
        let project = try TemporaryProject(["AGENTS.md": "mine", ".gitignore": "own", "src/main.c": "int main;"])
        let created = try Self.scaffold(project.path).write()
        #expect(created == ["agents", ".workspace", "Dockerfile", "CLAUDE.md", ".env.toml", "config.toml"])
        #expect(project.text("AGENTS.md") == "mine")
        #expect(project.text(".gitignore") == "own")
        #expect(project.text("src/main.c") == "int main;")
    }

    @Test("When a file cannot be written, those already written are removed again")
    func undone() throws {
        let project = try TemporaryProject(["agents": "a file, so that nothing else is wrong"])
        let path = "\(project.path)/agents/shop"
        let error = #expect(throws: ProjectError.self) { try Self.scaffold(path).write() }
        #expect(error?.code == .notWritable)
        #expect(error?.path == path)
        #expect(try FileManager.default.contentsOfDirectory(atPath: project.path) == ["agents"])
    }
}
