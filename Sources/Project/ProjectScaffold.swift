package import Domain
import Foundation

/// The files of a new project.
package struct ProjectScaffold: Sendable {
    /// Absolute path of the project's directory, which need not exist.
    private let directory: String
    private let model: ModelConfig

    /// Describes a new project.
    ///
    /// - Parameters:
    ///   - directory: where the project shall stand; its last component becomes the project's name.
    ///   - model: the `[model]` of all agents without their own.
    package init(directory: String, model: ModelConfig) {
        self.directory = URL(fileURLWithPath: directory).standardizedFileURL.path
        self.model = model
    }

    /// Writes the project's files; files that exist are kept as they are.
    ///
    /// When a file cannot be written, those already written are removed again.
    ///
    /// - Returns: the paths that were created, relative to the project, in order.
    /// - Throws: ``ProjectError`` when a project stands there already or something cannot be written.
    @discardableResult
    package func write() throws(ProjectError) -> [String] {
        let name = URL(fileURLWithPath: directory).lastPathComponent
        guard !name.isEmpty, name != "/", name != "." && name != ".." else {
            throw ProjectError(code: .badName, path: directory, message: "`\(directory)` cannot be a project's name")
        }
        let configPath = "\(directory)/config.toml"
        guard !Self.isTaken(configPath) else {
            let message = "\(directory) holds a project already (config.toml exists). Choose another name."
            throw ProjectError(code: .exists, path: configPath, message: message)
        }
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory), !isDirectory.boolValue {
            let message = "\(directory) is a file. Choose another name."
            throw ProjectError(code: .badName, path: directory, message: message)
        }
        var created: [String] = []
        do {
            try writeAll(name: name, created: &created)
        } catch {
            // The first failure is what is reported; what cannot be removed either stays.
            for path in created.reversed() { try? FileManager.default.removeItem(atPath: path) }
            let message = "Cannot write the project in \(directory): \(error.localizedDescription)"
            throw ProjectError(code: .notWritable, path: directory, message: message)
        }
        return created.filter { $0 != directory }.map { String($0.dropFirst(directory.count + 1)) }
    }

    private func writeAll(name: String, created: inout [String]) throws {
        try makeDirectory("", &created)
        try makeDirectory("agents", &created)
        try makeDirectory(".workspace", &created)
        try writeFile(".gitignore", Self.gitignore, &created)
        try writeFile("Dockerfile", Self.dockerfile, &created)
        try writeFile("AGENTS.md", notes(name: name), &created)
        try link("CLAUDE.md", to: "AGENTS.md", &created)
        try writeFile(".env.toml", "projectName = \(JSONValue.quoted(name))\n", &created)
        // Last, because its presence says that a project stands here.
        try writeFile("config.toml", config, &created)
    }

    private func makeDirectory(_ name: String, _ created: inout [String]) throws {
        let path = name.isEmpty ? directory : "\(directory)/\(name)"
        guard !Self.isTaken(path) else { return }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: name.isEmpty)
        created.append(path)
    }

    private func writeFile(_ name: String, _ text: String, _ created: inout [String]) throws {
        let path = "\(directory)/\(name)"
        guard !Self.isTaken(path) else { return }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
        created.append(path)
    }

    private func link(_ name: String, to target: String, _ created: inout [String]) throws {
        let path = "\(directory)/\(name)"
        guard !Self.isTaken(path) else { return }
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
        created.append(path)
    }

    /// Whether anything is there, a dangling link included.
    private static func isTaken(_ path: String) -> Bool {
        // An error means that nothing is there.
        (try? FileManager.default.attributesOfItem(atPath: path)) != nil
    }
}

extension ProjectScaffold {
    private var config: String {
        var lines = [
            "[model]", "provider = \"\(model.provider.rawValue)\"", "model = \(JSONValue.quoted(model.model))",
        ]
        if let level = model.thinkingLevel { lines.append("thinkingLevel = \"\(level.rawValue)\"") }
        if let url = model.baseURL { lines.append("baseUrl = \(JSONValue.quoted(url))") }
        if model.provider != .scripted { lines.append("authType = \"\(model.authentication.rawValue)\"") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let gitignore = ["node_modules/", ".workspace/", ".al/", ".env.toml", "*.log", ".DS_Store", ""]
        .joined(separator: "\n")

    private static let dockerfile = """
        # The image of all agents that have no Dockerfile of their own. As long as nothing but FROM stands here, the plain
        # base image is used. Add what your agents need, for example:
        #   USER root
        #   RUN apt-get update && apt-get install -y --no-install-recommends python3
        #   USER node
        FROM al-agent:latest

        """

    private func notes(name: String) -> String {
        """
        # \(name)

        This is an Action Llama project: autonomous agents that are started by a schedule, by webhooks, by other agents or by
        hand. Each run is isolated and shut down when it is over.

        - `config.toml`: settings of the project, its model and its webhook sources.
        - `agents/<name>/agent-config.toml`: triggers, credentials and parameters of one agent.
        - `agents/<name>/ACTIONS.md`: the agent's instructions, read by the model at the start of every run.
        - `.env.toml`: settings of this machine, not in git. Secrets stand in neither file: `al creds add <type>`.

        Useful commands: `al agent new`, `al doctor`, `al run <agent>`, `al start`, `al logs <agent>`.

        """
    }
}
