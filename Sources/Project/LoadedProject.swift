package import Domain

/// A project as its files describe it, with everything that is wrong in them.
package struct LoadedProject: Sendable {
    /// Absolute path.
    package var directory: String
    /// The selected environment; `nil` = local.
    package var environment: String?
    package var config: ProjectConfig
    /// The agents that can be worked with, by name; what keeps some of them from running is in ``obstacles(to:)``.
    package var agents: [AgentConfig]
    /// The names of those ``agents`` that have all the triggers of their files; the sources of the others' cannot be used.
    package internal(set) var fullyKnownAgents: Set<String> = []
    /// The names of all agent directories, also of those with errors.
    package var agentDirectories: [String]
    /// Errors and warnings, sorted by file and line.
    package var problems: [Problem]
    /// Remarks for people that are no problems.
    package var hints: [String]
    /// The server on which the scheduler of the selected environment is; `nil` = none is named, or not in a right way.
    package internal(set) var server: EnvironmentServer?
    /// The errors of files of the project that could not be read at all, so that nothing of them is in force.
    package internal(set) var unreadable: [Problem] = []
    /// Why agents cannot be used that are not at fault themselves: ``unreadable``, else the errors of the project's files.
    package internal(set) var projectErrors: [Problem] = []
    /// Why agents cannot run, by their directories' names; empty where their own files are not at fault.
    var agentErrors: [String: [Problem]] = [:]
    /// Reads agents with the settings of this project; `nil` when the project could not be read at all.
    var agentLoader: AgentLoader?
    /// The merged files, for showing where settings come from.
    var configLayers = ConfigLayers()

    /// The problems that stop a start.
    package var errors: [Problem] { problems.filter(\.code.stopsStart) }

    /// The problems that do not.
    package var warnings: [Problem] { problems.filter { !$0.code.stopsStart } }

    /// Why an agent cannot run although it has a directory; nothing for any other name.
    ///
    /// Where its files are not at fault themselves, it is a file of the project.
    package func obstacles(to name: String) -> [Problem] {
        agentErrors[name].map { $0.isEmpty ? projectErrors : $0 } ?? []
    }

    /// The first of an agent's obstacles, and how many more there are; `nil` when there are none.
    package func obstacleText(to name: String) -> String? { Self.text(of: obstacles(to: name)) }

    /// The first of some obstacles, and how many more there are; `nil` when there are none.
    package static func text(of problems: [Problem]) -> String? {
        guard let first = problems.first else { return nil }
        return problems.count == 1 ? "\(first)" : "\(first) (and \(problems.count - 1) more: al doctor)"
    }

    /// The problem of a command that needs agents and finds none; `nil` when there are some.
    package var missingAgents: Problem? {
        guard agentDirectories.isEmpty else { return nil }
        return Problem(code: .projectNoAgents, text: "No agents in agents/. Create one with: al agent new")
    }
}
