import Domain
import Foundation
import Testing

@testable import al

@Suite("Files of an agent's image")
struct StaticFilesTests {
    @Test("Links out of the skills lead neither to the whole project nor to its state and settings")
    func boundLinks() throws {
        let root = NSTemporaryDirectory() + "al-skills-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: root) }
        let files = FileManager.default
        for directory in ["agents/dev/skills/own", ".al/logs"] {
            try files.createDirectory(atPath: "\(root)/\(directory)", withIntermediateDirectories: true)
        }
        for file in ["agents/dev/skills/own/SKILL.md", ".env.toml", ".al/state.db", ".al/logs/dev.log", "notes.md"] {
            try Data(file.utf8).write(to: URL(filePath: "\(root)/\(file)"))
        }
        for target in ["", ".al", ".al/logs", ".al/state.db", ".env.toml", "agents", "agents/dev", "notes.md"] {
            let name = target.isEmpty ? "project" : target.replacing("/", with: "-")
            try files.createSymbolicLink(
                atPath: "\(root)/agents/dev/skills/\(name)",
                withDestinationPath: "../../../\(target)"
            )
        }
        var agent = AgentConfig(name: try AgentName("dev"), model: ModelConfig(provider: .anthropic, model: "m"))
        agent.directory = "\(root)/agents/dev"
        let names = try StaticFiles.files(for: agent).keys.filter { $0.hasPrefix("skills/") }
        #expect(names.sorted() == ["skills/notes.md", "skills/own/SKILL.md"])
    }

    @Test("What never enters an image is not among the skills either, not even by a link")
    func secrets() throws {
        let root = NSTemporaryDirectory() + "al-skills-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: root) }
        let skill = "\(root)/agents/dev/skills/own"
        try FileManager.default.createDirectory(atPath: "\(skill)/.git", withIntermediateDirectories: true)
        for file in ["SKILL.md", ".env", ".envrc", ".git/config"] {
            try Data(file.utf8).write(to: URL(filePath: "\(skill)/\(file)"))
        }
        try FileManager.default.createSymbolicLink(atPath: "\(skill)/settings", withDestinationPath: ".env")
        var agent = AgentConfig(name: try AgentName("dev"), model: ModelConfig(provider: .anthropic, model: "m"))
        agent.directory = "\(root)/agents/dev"
        let names = try StaticFiles.files(for: agent).keys.filter { $0.hasPrefix("skills/") }
        #expect(names.sorted() == ["skills/own/SKILL.md"])
    }

    @Test("Directories that link to each other in every way end with a sentence")
    func tangledLinks() throws {
        let root = NSTemporaryDirectory() + "al-skills-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: root) }
        for number in 0..<9 {
            let skill = "\(root)/agents/dev/skills/\(number)"
            try FileManager.default.createDirectory(atPath: skill, withIntermediateDirectories: true)
            for other in 0..<9 {
                try FileManager.default.createSymbolicLink(
                    atPath: "\(skill)/\(other)",
                    withDestinationPath: "../\(other)"
                )
            }
        }
        var agent = AgentConfig(name: try AgentName("dev"), model: ModelConfig(provider: .anthropic, model: "m"))
        agent.directory = "\(root)/agents/dev"
        #expect(throws: Failure.self) { try StaticFiles.files(for: agent) }
    }

    @Test("Skills that are links are there as if they were not, and a link to what is above ends")
    func linkedSkills() throws {
        let root = NSTemporaryDirectory() + "al-skills-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: root) }
        let files = FileManager.default
        for directory in ["agents/dev/skills/own", "shared/release/parts"] {
            try files.createDirectory(atPath: "\(root)/\(directory)", withIntermediateDirectories: true)
        }
        for file in ["agents/dev/skills/own/SKILL.md", "shared/release/SKILL.md", "shared/release/parts/a.sh"] {
            try Data(file.utf8).write(to: URL(filePath: "\(root)/\(file)"))
        }
        let skills = "\(root)/agents/dev/skills"
        try files.createSymbolicLink(atPath: "\(skills)/release", withDestinationPath: "../../../shared/release")
        try files.createSymbolicLink(atPath: "\(root)/shared/release/parts/again", withDestinationPath: "..")
        var agent = AgentConfig(name: try AgentName("dev"), model: ModelConfig(provider: .anthropic, model: "m"))
        agent.directory = "\(root)/agents/dev"
        let names = try StaticFiles.files(for: agent).keys.filter { $0.hasPrefix("skills/") }
        #expect(
            names.sorted() == ["skills/own/SKILL.md", "skills/release/SKILL.md", "skills/release/parts/a.sh"]
        )
    }
}
