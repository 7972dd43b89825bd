import Domain

/// What the prompt of a run is made of.
struct PromptFacts: Hashable, Sendable {
    /// An agent that this one may call.
    struct Callable: Hashable, Sendable {
        var name: String
        var description: String?
    }

    /// A place where files can be written.
    struct WritablePlace: Hashable, Sendable {
        var path: String
        /// Bytes.
        var size: Int
    }

    /// A credential that the run was brought and that gives it something.
    struct CredentialNote: Hashable, Sendable {
        /// As it is declared.
        var reference: String
        /// What the model should know about it.
        var context: String
    }

    var agent: String
    /// `YYYY-MM-DD`, UTC.
    var date: String
    var instructions: String
    var params: JSONValue = [:]
    var credentials: [CredentialNote] = []
    /// Whether git has a key for SSH.
    var hasSSHKey = false
    var credentialsPath: String
    /// Inside a container, as opposed to a process on somebody's machine.
    var isContainer: Bool
    var workingDirectory: String
    /// Where the agent's own files are.
    var agentDirectory: String
    var writable: [WritablePlace] = []
    /// Seconds.
    var timeout: Int
    var hasGateway: Bool
    /// Seconds.
    var lockTimeout = 1800
    var callable: [Callable] = []
    var maxCallDepth = 3
    var skills: [Skill] = []
}

extension PromptFacts {
    /// Reads `AL_CALLABLE_AGENTS`: a JSON array of `{"name","description"?}`, or `{"<name>":"<description>"}`.
    static func callable(_ text: String) -> [Callable] {
        // Whatever cannot be read names no agents.
        guard let json = try? JSONValue(parsing: text) else { return [] }
        if let list = json.arrayValue {
            return list.compactMap { entry in
                guard let name = entry.stringValue ?? entry["name"]?.stringValue else { return nil }
                return Callable(name: name, description: entry["description"]?.stringValue)
            }
        }
        return json.members.map { Callable(name: $0.key, description: $0.value.stringValue) }
    }
}
