package import Domain
package import OrderedCollections

/// An agent's settings while a person changes them; the file stays as it is until ``save()``.
package struct AgentDraft: Sendable {
    /// What can be changed; everything else in the file is left alone.
    private static let keys = ["credentials", "schedule", "model", "webhooks", "params"]

    private let path: String
    private let file: String
    private let original: OrderedDictionary<String, JSONValue>
    private var root: OrderedDictionary<String, JSONValue>

    /// Reads the file of an agent.
    ///
    /// - Parameters:
    ///   - path: absolute path.
    ///   - file: how it is named in problems.
    /// - Throws: ``Problem`` when it is not TOML or cannot be read.
    package init(path: String, file: String) throws {
        self.path = path
        self.file = file
        var read: OrderedDictionary<String, JSONValue> = [:]
        try TOMLFile.edit(path, named: file) { editor in read = editor.value(at: [])?.objectValue ?? [:] }
        original = read
        root = read
    }

    /// Entries of `credentials` as they stand in the file: texts, or tables with `ref`.
    package var credentials: [JSONValue] {
        get { root["credentials"]?.arrayValue ?? [] }
        set { root["credentials"] = .array(newValue) }
    }

    /// The cron expression; empty is none.
    package var schedule: String? {
        get { root["schedule"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 } }
        set { root["schedule"] = newValue.map(JSONValue.string) }
    }

    /// The agent's own `[model]`; `nil` = the project's.
    package var model: JSONValue? {
        get { root["model"] }
        set { root["model"] = newValue }
    }

    /// The `[[webhooks]]`.
    package var webhooks: [JSONValue] {
        get { root["webhooks"]?.arrayValue ?? [] }
        set { root["webhooks"] = newValue.isEmpty ? nil : .array(newValue) }
    }

    /// The `[params]`.
    package var params: OrderedDictionary<String, JSONValue> {
        get { root["params"]?.objectValue ?? [:] }
        set { root["params"] = newValue.isEmpty ? nil : .object(newValue) }
    }

    /// Whether anything is different from the file.
    package var isChanged: Bool { root != original }

    /// Writes what was changed, in place: comments and order of the file stay.
    ///
    /// - Returns: whether the file changed.
    /// - Throws: ``Problem``, ``ProjectError``.
    @discardableResult
    package func save() throws -> Bool {
        try TOMLFile.edit(path, named: file) { try apply(to: &$0) }
    }

    /// What is wrong with the changed settings and is not with those in the file, so that the agent could not run.
    ///
    /// - Parameters:
    ///   - agent: whose settings they are.
    ///   - project: from which the agent inherits.
    /// - Returns: errors, without the line.
    /// - Throws: ``Problem`` when the file cannot be read or edited so.
    package func newErrors(of agent: String, in project: LoadedProject) throws -> [Problem] {
        // An agent that cannot have its name is not loaded, whatever its settings are.
        guard let loader = project.agentLoader, let name = try? AgentName(agent) else { return [] }
        var editor = try TOMLEditor(try TOMLDocument.text(of: file, path: path) ?? "", file: file)
        // What is removed from a list moves what stands behind it.
        var old = loader.errors(of: name, in: try TOMLDocument(file: file, text: editor.text)).map(\.withoutIndices)
        try apply(to: &editor)
        let new = loader.errors(of: name, in: try TOMLDocument(file: file, text: editor.text))
        return new.filter { problem in
            guard let index = old.firstIndex(of: problem.withoutIndices) else { return true }
            old.remove(at: index)
            return false
        }
    }

    private func apply(to editor: inout TOMLEditor) throws {
        for key in Self.keys where root[key] != original[key] {
            try editor.set(TOMLPath([.key(key)]), to: root[key] ?? .null)
        }
    }

    /// A value as a person types it: TOML, or text where it is none.
    package static func value(typed text: String) -> JSONValue {
        // What is no TOML is meant as text: acme instead of "acme".
        guard !text.contains("\n"), let editor = try? TOMLEditor("value = \(text)\n", file: "") else {
            return .string(text)
        }
        // Numbers such as nan have no value here.
        guard let value = editor.value(at: ["value"]), !value.hasNull else { return .string(text) }
        return value
    }
}

extension LoadedProject {
    /// Where an agent's settings stand, relative to the project; `nil` when there is no such agent.
    package func configFile(of agent: String) -> String? {
        let found = AgentDiscovery(project: directory).agents.first { $0.name == agent }
        return found.map { "\($0.relativePath)/\($0.configFile)" }
    }
}

extension Problem {
    /// The same at any place of the lists that its key is in.
    fileprivate var withoutIndices: Problem {
        var problem = self
        problem.keyPath = keyPath?.replacing(/\[\d+\]/, with: "[]")
        return problem
    }
}

extension JSONValue {
    fileprivate var hasNull: Bool {
        switch self {
        case .null: true
        case .array(let elements): elements.contains(where: \.hasNull)
        case .object(let members): members.values.contains(where: \.hasNull)
        default: false
        }
    }
}
