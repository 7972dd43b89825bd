import Foundation

/// A directory that is registered as an agent, whatever its files say.
struct AgentDirectory {
    /// The directory's name, not checked yet.
    let name: String
    /// Relative to the project.
    let relativePath: String
    let absolutePath: String
    /// `agent-config.toml`, or `config.toml` beside a `SKILL.md`.
    let configFile: String
}

/// Finds the agents of a project by their files.
struct AgentDiscovery {
    private(set) var agents: [AgentDirectory] = []
    private(set) var problems: [Problem] = []
    /// Remarks for people that are no problems.
    private(set) var hints: [String] = []

    init(project: String) {
        let proper = directories(in: "agents", of: project, skipping: ["node_modules"])
        let older = directories(in: "", of: project, skipping: ["node_modules", "agents", "shared"])
        let names = Set(proper.map(\.name))
        for agent in older where names.contains(agent.name) {
            problems.append(
                Problem(
                    code: .agentTwoPlaces,
                    file: agent.relativePath,
                    text: "agents/\(agent.name) has the same name and is used; remove one of them"
                )
            )
        }
        let rest = older.filter { !names.contains($0.name) }
        if !rest.isEmpty {
            let list = rest.map(\.name).joined(separator: ", ")
            hints.append("Agents in the project's root are an older layout; move them to agents/: \(list)")
        }
        agents = (proper + rest).sorted { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }
    }

    private mutating func directories(
        in parent: String,
        of project: String,
        skipping skipped: Set<String>
    ) -> [AgentDirectory] {
        let base = parent.isEmpty ? project : "\(project)/\(parent)"
        // No `agents` directory is an empty list; what that means is the command's business.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: base)) ?? []
        var found: [AgentDirectory] = []
        for name in names where !name.hasPrefix(".") && !skipped.contains(name) {
            let relativePath = parent.isEmpty ? name : "\(parent)/\(name)"
            let path = "\(base)/\(name)"
            guard FileManager.default.fileExists(atPath: path) else {
                let text = "cannot be followed or read; skipped"
                problems.append(Problem(code: .configUnusual, file: relativePath, text: text))
                continue
            }
            guard let configFile = Self.configFile(in: path) else { continue }
            found.append(
                AgentDirectory(name: name, relativePath: relativePath, absolutePath: path, configFile: configFile)
            )
        }
        return found
    }

    static func configFile(in directory: String) -> String? {
        let has = { (name: String) in FileManager.default.fileExists(atPath: "\(directory)/\(name)") }
        if has("agent-config.toml") { return "agent-config.toml" }
        return has("config.toml") && has("SKILL.md") ? "config.toml" : nil
    }
}
