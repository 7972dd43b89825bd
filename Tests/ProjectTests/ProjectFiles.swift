import Foundation
import Project

/// A project in a temporary directory, with a home of its own.
final class ProjectFiles {
    let directory: String
    let home: String
    private let base: String

    /// A usable model, so that tests need not say which.
    static let model = """
        [model]
        provider = "anthropic"
        model = "claude-x"
        authType = "api_key"

        """

    init(_ files: [String: String] = [:]) throws {
        base = FileManager.default.temporaryDirectory.appendingPathComponent("project ä \(UUID().uuidString)").path
        directory = "\(base)/my-project"
        home = "\(base)/home"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        for (path, text) in files { try write(path, text) }
    }

    deinit {
        // Nothing depends on the directory being gone.
        try? FileManager.default.removeItem(atPath: base)
    }

    /// Writes a file of the project; `~/` stands for the home.
    func write(_ path: String, _ text: String) throws {
        let full = path.hasPrefix("~/") ? "\(home)/\(path.dropFirst(2))" : "\(directory)/\(path)"
        let url = URL(fileURLWithPath: full)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    func load(environment: String? = nil, variables: [String: String] = [:]) -> LoadedProject {
        ProjectLoader(home: home, variables: variables).load(directory, environment: environment)
    }

    /// The lines of a project with one agent, `dev`, whose ACTIONS.md exists.
    static func problems(agent: String, config: String = model) throws -> [String] {
        let files = try ProjectFiles([
            "config.toml": config, "agents/dev/agent-config.toml": agent, "agents/dev/ACTIONS.md": "Work.",
        ])
        return files.load().problems.map { "\($0.code.id) \($0)" }
    }
}
