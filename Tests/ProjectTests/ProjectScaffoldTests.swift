import Domain
import Foundation
import Project
import Testing

@Suite("A new project")
struct ProjectScaffoldTests {
    private static func model() -> ModelConfig {
        var model = ModelConfig(provider: .anthropic, model: "claude \"x\"")
        model.thinkingLevel = .medium
        model.authentication = .oauthToken
        return model
    }

    @Test("All files are written, and the project loads as it was described")
    func writes() throws {
        let files = try ProjectFiles()
        let path = "\(files.directory)/inner/new one"
        let created = try ProjectScaffold(directory: path, model: Self.model()).write()
        #expect(
            created == [
                "agents", ".workspace", ".gitignore", "Dockerfile", "AGENTS.md", "CLAUDE.md", ".env.toml",
                "config.toml",
            ]
        )
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(path)/CLAUDE.md") == "AGENTS.md")
        let ignored = try String(contentsOfFile: "\(path)/.gitignore", encoding: .utf8)
        #expect(ignored == "node_modules/\n.workspace/\n.al/\n.env.toml\n*.log\n.DS_Store\n")
        let loaded = ProjectLoader(home: files.home).load(path)
        #expect(loaded.problems.isEmpty)
        #expect(loaded.config.projectName == "new one")
        #expect(loaded.config.model == Self.model())
    }

    @Test("A directory that holds a project is refused and stays as it is")
    func refuses() throws {
        let files = try ProjectFiles(["config.toml": "scale = 1"])
        let scaffold = ProjectScaffold(directory: files.directory, model: Self.model())
        let error = #expect(throws: ProjectError.self) { try scaffold.write() }
        #expect(error?.code == .exists)
        #expect(try FileManager.default.contentsOfDirectory(atPath: files.directory) == ["config.toml"])
    }

    @Test("Other files are never overwritten, dangling links included")
    func keeps() throws {
        let files = try ProjectFiles(["AGENTS.md": "mine", "Dockerfile": "FROM x"])
        let link = "\(files.directory)/CLAUDE.md"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "nowhere")
        let created = try ProjectScaffold(directory: files.directory, model: Self.model()).write()
        #expect(created == ["agents", ".workspace", ".gitignore", ".env.toml", "config.toml"])
        #expect(try String(contentsOfFile: "\(files.directory)/AGENTS.md", encoding: .utf8) == "mine")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "nowhere")
    }

    @Test("When a file cannot be written, nothing stays behind")
    func nothingHalf() throws {
        let files = try ProjectFiles(["blocked": "a file"])
        let scaffold = ProjectScaffold(directory: "\(files.directory)/blocked/new", model: Self.model())
        let error = #expect(throws: ProjectError.self) { try scaffold.write() }
        #expect(error?.code == .notWritable)
        #expect(try FileManager.default.contentsOfDirectory(atPath: files.directory) == ["blocked"])
    }
}
