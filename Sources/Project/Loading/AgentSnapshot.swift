import Crypto
package import Domain
import Foundation

/// An agent as it was read from its directory at some moment.
package struct AgentSnapshot: Hashable, Sendable {
    package var config: AgentConfig
    /// Fingerprint of all files of the directory, the image's inputs among them.
    package var filesHash: String
    /// What is unusual; shown, not fatal.
    package var warnings: [Problem]
}

/// What reading an agent's directory again came to.
package enum AgentReload: Hashable, Sendable {
    /// A directory that was not there before.
    case added(AgentSnapshot)
    /// Configuration, instructions or any other file differ.
    case changed(AgentSnapshot)
    case unchanged
    /// The directory, or what made it an agent, is gone.
    case removed
    /// It cannot run like this: what was read last stays in force.
    case invalid([Problem])
}

extension LoadedProject {
    /// Reads an agent as it stands on disk now, with the project's settings as they were when the project was loaded.
    ///
    /// - Returns: the snapshot; `nil` when there is no such agent or it has errors.
    package func snapshot(of name: AgentName) -> AgentSnapshot? {
        switch reload(name.rawValue, last: nil) {
        case .added(let snapshot), .changed(let snapshot): snapshot
        case .unchanged, .removed, .invalid: nil
        }
    }

    /// Reads one agent again and says what became of it.
    ///
    /// Nothing but this agent's directory is read. A partially written file is invalid like any other; the caller keeps what it
    /// has and asks again when the file changes.
    ///
    /// - Parameters:
    ///   - name: the directory's name, checked or not.
    ///   - last: the snapshot in force; `nil` = the agent was not there, or never valid.
    /// - Returns: what became of it.
    package func reload(_ name: String, last: AgentSnapshot?) -> AgentReload {
        let discovery = AgentDiscovery(project: directory)
        guard let agentLoader, let found = discovery.agents.first(where: { $0.name == name }) else {
            if let problem = discovery.unreadable { return .invalid([problem]) }
            return last == nil ? .unchanged : .removed
        }
        let read = agentLoader.load(found)
        let obstacles = read.obstacles
        guard let agent = read.agent, obstacles == nil else { return .invalid(obstacles ?? []) }
        let snapshot = AgentSnapshot(
            config: agent,
            filesHash: AgentFiles.hash(of: found.absolutePath),
            warnings: read.problems.sorted(by: Problem.inReportOrder)
        )
        guard let last else { return .added(snapshot) }
        return last == snapshot ? .unchanged : .changed(snapshot)
    }

    /// Where a key of an agent stands, as problems write it: `agents/dev/agent-config.toml:3: credentials[0]`.
    ///
    /// - Parameters:
    ///   - keyPath: with dots; the line is that of the nearest table around it where the key itself is absent.
    ///   - name: the agent's.
    /// - Returns: the place; the key alone when the file is gone.
    package func place(of keyPath: String, inAgent name: String) -> String {
        guard let found = AgentDiscovery(project: directory).agents.first(where: { $0.name == name }) else {
            return keyPath
        }
        let file = "\(found.relativePath)/\(found.configFile)"
        var layers = ConfigLayers()
        // It was read a moment ago; what happened to it since only costs the line.
        if let document = try? TOMLDocument(file: file, path: "\(found.absolutePath)/\(found.configFile)") {
            layers.add(document)
        }
        return file + (layers.place(of: keyPath).line.map { ":\($0)" } ?? "") + ": \(keyPath)"
    }

    /// The names of the agent directories that are there now, for a complete rescan.
    package var presentAgentDirectories: [String] { AgentDiscovery(project: directory).agents.map(\.name) }

    /// Whether a directory has what makes an agent of it, or may have it and cannot be looked into.
    package static func isAgent(directory: String) -> Bool {
        AgentDiscovery.configFile(in: directory, isAgentUnread: true) != nil
    }
}

/// The files of an agent's directory that count.
package enum AgentFiles {
    /// Whether a change of a file with this name means nothing: hidden files and what editors leave behind.
    package static func isIgnored(_ name: String) -> Bool {
        name.hasPrefix(".") || [".swp", ".tmp", "~"].contains { name.hasSuffix($0) }
    }

    /// SHA-256, in hex, of names, modes and contents of all files that count.
    ///
    /// A file that cannot be read counts as empty: reading it for a run fails with its own error.
    static func hash(of directory: String) -> String {
        var hasher = SHA256()
        add(directory, prefix: "", depth: 0, to: &hasher)
        return Array(hasher.finalize()).hexText
    }

    /// Deeper nesting is a loop of links.
    private static let deepest = 32

    private static func add(_ directory: String, prefix: String, depth: Int, to hasher: inout SHA256) {
        guard depth < deepest else { return }
        let manager = FileManager.default
        let names = (try? manager.contentsOfDirectory(atPath: directory)) ?? []
        for name in names.sorted() where !isIgnored(name) {
            let path = "\(directory)/\(name)"
            var isDirectory: ObjCBool = false
            guard manager.fileExists(atPath: path, isDirectory: &isDirectory) else { continue }
            if isDirectory.boolValue {
                add(path, prefix: "\(prefix)\(name)/", depth: depth + 1, to: &hasher)
                continue
            }
            let content = manager.contents(atPath: path) ?? Data()
            let isExecutable = manager.isExecutableFile(atPath: path)
            hasher.update(data: Data("\(prefix)\(name)\0\(isExecutable)\0\(content.count)\0".utf8))
            hasher.update(data: content)
        }
    }
}
