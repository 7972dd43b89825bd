import Domain
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
    /// A directory that could not be listed: which agents there are is not known.
    private(set) var unreadable: Problem?
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
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: base)
        } catch {
            // No `agents` directory is an empty list; what that means is the command's business.
            if FilePresence(of: base + "/.") != .absent {
                let problem = Problem.unreadable(parent.isEmpty ? "." : parent)
                problems.append(problem)
                unreadable = problem
            }
            return []
        }
        var found: [AgentDirectory] = []
        for name in names where !name.hasPrefix(".") && !skipped.contains(name) {
            let relativePath = parent.isEmpty ? name : "\(parent)/\(name)"
            let path = "\(base)/\(name)"
            // What cannot be looked into may be an agent, but not under a name like `lost+found` that no agent has.
            let isName = parent.isEmpty || (try? AgentName(name)) != nil
            guard FilePresence(of: path) != .absent, isName || FilePresence(of: path + "/.") != .unreadable else {
                let text = "cannot be followed or read; skipped"
                problems.append(Problem(code: .configUnusual, file: relativePath, text: text))
                continue
            }
            guard let configFile = Self.configFile(in: path, isAgentUnread: !parent.isEmpty) else { continue }
            found.append(
                AgentDirectory(name: name, relativePath: relativePath, absolutePath: path, configFile: configFile)
            )
        }
        return found
    }

    /// The file that makes a directory an agent.
    ///
    /// - Parameters:
    ///   - directory: absolute path.
    ///   - isAgentUnread: whether a directory that cannot be looked into counts as one, as in `agents/`: reading it says why
    ///     it cannot run. The project's root holds directories of all kinds.
    /// - Returns: its name; `nil` = it is no agent.
    static func configFile(in directory: String, isAgentUnread: Bool) -> String? {
        let has = { (name: String) in
            switch FilePresence(of: "\(directory)/\(name)") {
            case .present: true
            case .absent: false
            case .unreadable: isAgentUnread
            }
        }
        if has("agent-config.toml") { return "agent-config.toml" }
        return has("config.toml") && has("SKILL.md") ? "config.toml" : nil
    }
}
