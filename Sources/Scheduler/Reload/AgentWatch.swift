package import Domain

/// A change under the directories of a project's agents.
package enum AgentChange: Hashable, Sendable {
    /// Something in the directory of this name changed, came or went.
    case directory(String)
    /// Changes were missed: anything may be different.
    case everything
}

/// Sees changes of agents' files.
package protocol AgentWatch: Sendable {
    /// Watches until the task is cancelled.
    ///
    /// - Parameter onChange: called for each change, soon after it; changes that come close together may be told once.
    /// - Throws: when watching is impossible here, at once.
    func watch(onChange: @Sendable (AgentChange) async -> Void) async throws
}

/// What an agent's directory holds now.
package enum AgentReading: Hashable, Sendable {
    /// No directory with a configuration.
    case absent
    /// The agent, valid with everything it refers to, a fingerprint of all its files, and what is unusual in them.
    case loaded(AgentConfig, files: String, warnings: [String] = [])
    /// What is wrong, naming file, line and key.
    case invalid(String)
}

/// Reads agents again while the scheduler runs.
package struct AgentSource: Sendable {
    /// Reads one agent by the name of its directory.
    package var load: @concurrent @Sendable (String) async -> AgentReading
    /// The names of all agents' directories.
    package var names: @concurrent @Sendable () async -> [String]
    package var watch: any AgentWatch
    /// Whether the directory of an agent in force is there with a configuration, as a glance tells.
    package var isPresent: @Sendable (AgentConfig) -> Bool

    /// Collects the parts.
    package init(
        load: @escaping @concurrent @Sendable (String) async -> AgentReading,
        names: @escaping @concurrent @Sendable () async -> [String],
        watch: any AgentWatch,
        isPresent: @escaping @Sendable (AgentConfig) -> Bool
    ) {
        self.load = load
        self.names = names
        self.watch = watch
        self.isPresent = isPresent
    }
}
