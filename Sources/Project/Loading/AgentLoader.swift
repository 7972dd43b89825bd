import Domain
import Foundation

/// What reading an agent's directory gave.
struct AgentReading: Sendable {
    /// `nil` when it has errors that keep it from being worked with.
    var agent: AgentConfig?
    /// Everything that is wrong.
    var problems: [Problem]
    /// Whether the agent is without triggers that its file has, because the project is wrong about their sources.
    var lacksTriggers = false

    /// What keeps the agent from running; `nil` = nothing does, empty = its own files are not at fault.
    var obstacles: [Problem]? {
        guard agent == nil || lacksTriggers || problems.contains(where: \.code.stopsStart) else { return nil }
        return problems.filter(\.isError).sorted(by: Problem.inReportOrder)
    }
}

/// Reads the directory of one agent with what it inherits from the project.
struct AgentLoader: Sendable {
    /// Absolute path of the project.
    let project: String
    let defaults: AgentDefaults

    /// Reads an agent.
    func load(_ directory: AgentDirectory) -> AgentReading {
        var problems: [Problem] = []
        do {
            let name = try Self.name(directory, &problems)
            let file = "\(directory.relativePath)/\(directory.configFile)"
            let document = try TOMLDocument(file: file, path: "\(directory.absolutePath)/\(directory.configFile)")
            let (settings, lacksTriggers) = settings(of: name, in: document, &problems)
            var agent = settings
            let instructions = try AgentInstructions(of: directory, &problems)
            agent?.instructions = instructions.text
            if agent?.description == nil { agent?.description = instructions.description }
            agent?.directory = directory.absolutePath
            if !problems.allSatisfy(\.isTolerable) { agent = nil }
            return AgentReading(agent: agent, problems: problems, lacksTriggers: lacksTriggers)
        } catch {
            return AgentReading(agent: nil, problems: problems + [error])
        }
    }

    /// The errors of an agent's settings; without their lines, so that those of two documents can be compared.
    func errors(of name: AgentName, in document: TOMLDocument) -> [Problem] {
        var problems: [Problem] = []
        _ = settings(of: name, in: document, &problems)
        return problems.filter(\.isError).map { problem in
            var problem = problem
            problem.line = nil
            return problem
        }
    }

    private func settings(
        of name: AgentName,
        in document: TOMLDocument,
        _ problems: inout [Problem]
    ) -> (agent: AgentConfig?, lacksTriggers: Bool) {
        var layers = ConfigLayers()
        layers.add(document)
        let report = ProblemReport(layers: layers)
        for path in layers.datePaths where !path.hasPrefix("params.") {
            report.add(.configBadType, at: path, "a date is legal only inside params")
        }
        let decoder = TableDecoder(layers.merged, report: report)
        let agent = AgentConfig(decoding: decoder, name: name, defaults: defaults)
        problems += report.problems.filter { defaults.isWhole || !$0.code.isAboutWhatAgentsName }
        return (agent, report.lacksTriggers)
    }

    private static func name(_ directory: AgentDirectory, _ problems: inout [Problem]) throws(Problem) -> AgentName {
        do {
            let name = try AgentName(directory.name)
            if ["scheduler", "gateway"].contains(directory.name) {
                let text = "log files and al logs use the name `\(directory.name)` for something else"
                problems.append(Problem(code: .configUnusual, file: directory.relativePath, text: text))
            }
            return name
        } catch .reserved {
            throw Problem(code: .agentBadName, file: directory.relativePath, text: "\"default\" is reserved")
        } catch {
            throw Problem(
                code: .agentBadName,
                file: directory.relativePath,
                text: "\(JSONValue.quoted(directory.name)) cannot be an agent name: use 1–63 of a–z, 0–9 and \"-\", "
                    + "starting and ending with a letter or digit"
            )
        }
    }
}
