import Domain
import Foundation
import OrderedCollections

/// Reads the files of a project, merges their layers and checks them.
package struct ProjectLoader: Sendable {
    /// The user's directory, normally `~/.action-llama`.
    private let home: String
    private let variables: [String: String]

    /// Prepares to read.
    ///
    /// - Parameters:
    ///   - home: the user's directory: `ACTION_LLAMA_HOME`, else `~/.action-llama`.
    ///   - variables: the process's environment; `AL_ENV` is read.
    package init(home: String, variables: [String: String] = [:]) {
        self.home = home
        self.variables = variables
    }

    /// Reads everything and collects all problems at once.
    ///
    /// - Parameters:
    ///   - directory: the project, absolute or relative to the working directory.
    ///   - environment: the value of `--env`.
    /// - Returns: the project, with its problems in the order of reports.
    package func load(_ directory: String, environment: String? = nil) -> LoadedProject {
        let path = URL(fileURLWithPath: directory).standardizedFileURL.path
        var loaded = LoadedProject(
            directory: path,
            environment: nil,
            config: ProjectConfig(),
            agents: [],
            agentDirectories: [],
            problems: [],
            hints: []
        )
        if let problem = Self.agentProblem(path, written: directory) {
            loaded.problems = [problem]
            return loaded
        }
        let merged = loadConfig(into: &loaded, environment: environment)
        let defaults = AgentDefaults(
            project: loaded.config,
            hasModelTable: merged["model"] != nil,
            mcpServers: merged["mcp"]?.objectValue ?? [:]
        )
        loadAgents(into: &loaded, defaults: defaults)
        loaded.problems.sort(by: Problem.inReportOrder)
        return loaded
    }

    private static func agentProblem(_ path: String, written: String) -> Problem? {
        let isAgent = ["agent-config.toml", "ACTIONS.md"].contains {
            FileManager.default.fileExists(atPath: "\(path)/\($0)")
        }
        guard isAgent else { return nil }
        let text =
            "`\(written)` is an agent's directory. Run this from the project (the directory that contains agents/)."
        return Problem(code: .projectIsAgent, text: text)
    }

    /// Fills `config`; returns the merged layers.
    private func loadConfig(
        into loaded: inout LoadedProject,
        environment: String?
    ) -> OrderedDictionary<String, JSONValue> {
        let base = document("config.toml", at: "\(loaded.directory)/config.toml", &loaded.problems)
        let machine = document(".env.toml", at: "\(loaded.directory)/.env.toml", &loaded.problems)
        let written = machine.root["environment"]?.stringValue
        let selected = [environment, variables["AL_ENV"], written].lazy.compactMap { $0 }.first { !$0.isEmpty }

        var layers = ConfigLayers()
        layers.add(base, without: Self.bindingKeys)
        layers.add(machine, without: Self.bindingKeys)
        var documents = [base]
        if let selected, let document = environmentDocument(selected, &loaded.problems) {
            loaded.environment = selected
            layers.add(document, without: Self.bindingKeys.union(["server"]))
            documents.append(document)
        }
        for document in documents { Self.reportBindingKeys(of: document, &loaded.problems) }

        let report = ProblemReport(layers: layers)
        for path in layers.datePaths {
            report.add(.configBadType, at: path, "a date is legal only inside params of an agent")
        }
        loaded.config = ProjectConfig(decoding: TableDecoder(layers.merged, report: report))
        loaded.config.projectName = machine.root["projectName"]?.stringValue
        loaded.problems += report.problems
        return layers.merged
    }

    /// Keys of `.env.toml` that bind the project to this machine and are no settings.
    private static let bindingKeys: Set<String> = ["environment", "projectName"]

    private static func reportBindingKeys(of document: TOMLDocument, _ problems: inout [Problem]) {
        for key in bindingKeys.sorted() where document.root[key] != nil {
            problems.append(
                Problem(
                    code: .configNoEffect,
                    file: document.file,
                    line: document.lines[key],
                    keyPath: key,
                    text: "has no effect here; it belongs in .env.toml"
                )
            )
        }
    }

    private func environmentDocument(_ name: String, _ problems: inout [Problem]) -> TOMLDocument? {
        guard Self.isEnvironmentName(name) else {
            problems.append(Problem(code: .environmentBadName, text: "`\(name)` cannot be an environment name"))
            return nil
        }
        let path = "\(home)/environments/\(name).toml"
        guard FileManager.default.fileExists(atPath: path) else {
            problems.append(missingEnvironment(name, path: path))
            return nil
        }
        return document(path, at: path, &problems)
    }

    private func missingEnvironment(_ name: String, path: String) -> Problem {
        // No directory means that nothing is known.
        let files = (try? FileManager.default.contentsOfDirectory(atPath: "\(home)/environments")) ?? []
        let known = files.filter { $0.hasSuffix(".toml") }.map { String($0.dropLast(5)) }.sorted()
        let list = known.isEmpty ? "none" : known.joined(separator: ", ")
        return Problem(
            code: .environmentNotFound,
            text: "No environment `\(name)` (looked for \(path)). Known: \(list). "
                + "Create it with: al env init \(name) -t server",
            suggestion: Suggestion.nearest(to: name, among: known)
        )
    }

    private static func isEnvironmentName(_ name: String) -> Bool {
        let isAlphanumeric = { (byte: UInt8) in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        guard (1...63).contains(name.utf8.count), let first = name.utf8.first, isAlphanumeric(first) else {
            return false
        }
        return name.utf8.allSatisfy { isAlphanumeric($0) || "._-".utf8.contains($0) }
    }

    /// Reads a layer; one that cannot be read is a problem and counts as empty.
    private func document(_ file: String, at path: String, _ problems: inout [Problem]) -> TOMLDocument {
        do {
            return try TOMLDocument(file: file, path: path)
        } catch {
            problems.append(error)
            return TOMLDocument(absent: file)
        }
    }
}

extension ProjectLoader {
    private func loadAgents(into loaded: inout LoadedProject, defaults: AgentDefaults) {
        let discovery = AgentDiscovery(project: loaded.directory)
        loaded.problems += discovery.problems
        loaded.hints += discovery.hints
        loaded.agentDirectories = discovery.agents.map(\.name)
        for directory in discovery.agents {
            if let agent = Self.agent(in: directory, defaults: defaults, &loaded.problems) {
                loaded.agents.append(agent)
            }
        }
    }

    private static func agent(
        in directory: AgentDirectory,
        defaults: AgentDefaults,
        _ problems: inout [Problem]
    ) -> AgentConfig? {
        let file = "\(directory.relativePath)/\(directory.configFile)"
        do {
            let name = try agentName(directory, &problems)
            let document = try TOMLDocument(file: file, path: "\(directory.absolutePath)/\(directory.configFile)")
            var layers = ConfigLayers()
            layers.add(document)
            let report = ProblemReport(layers: layers)
            for path in layers.datePaths where !path.hasPrefix("params.") {
                report.add(.configBadType, at: path, "a date is legal only inside params")
            }
            let decoder = TableDecoder(layers.merged, report: report)
            var agent = AgentConfig(decoding: decoder, name: name, defaults: defaults)
            problems += report.problems
            agent?.instructions = instructions(of: directory, &problems)
            agent?.directory = directory.absolutePath
            return agent
        } catch {
            problems.append(error)
            return nil
        }
    }

    private static func agentName(
        _ directory: AgentDirectory,
        _ problems: inout [Problem]
    ) throws(Problem) -> AgentName {
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

    /// The text of `ACTIONS.md`, else the body of `SKILL.md`.
    private static func instructions(of directory: AgentDirectory, _ problems: inout [Problem]) -> String {
        for name in ["ACTIONS.md", "SKILL.md"] {
            guard let data = FileManager.default.contents(atPath: "\(directory.absolutePath)/\(name)") else { continue }
            let text = String(decoding: data, as: UTF8.self)
            return name == "SKILL.md" ? withoutFrontMatter(text) : text
        }
        let text = "is missing; the agent runs with neutral instructions"
        problems.append(Problem(code: .configUnusual, file: "\(directory.relativePath)/ACTIONS.md", text: text))
        return ""
    }

    private static func withoutFrontMatter(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.first == "---", let end = lines.dropFirst().firstIndex(of: "---") else { return text }
        return lines[(end + 1)...].joined(separator: "\n")
    }
}
