package import Domain
import Foundation
import OrderedCollections

/// Reads the files of a project, merges their layers and checks them.
package struct ProjectLoader: Sendable {
    /// The user's directory, normally `~/.action-llama`.
    private let home: String
    private let variables: [String: String]
    private let facts: OutsideFacts

    /// Prepares to read.
    ///
    /// - Parameters:
    ///   - home: the user's directory: `ACTION_LLAMA_HOME`, else `~/.action-llama`.
    ///   - variables: the process's environment; `AL_ENV` is read.
    ///   - facts: what credentials and models are checked against.
    package init(home: String, variables: [String: String] = [:], facts: OutsideFacts = OutsideFacts()) {
        self.home = home
        self.variables = variables
        self.facts = facts
    }

    /// Reads everything and collects all problems at once.
    ///
    /// - Parameters:
    ///   - directory: the project, absolute or relative to the working directory.
    ///   - environment: the value of `--env`.
    ///   - runtime: where runs are to execute whatever the files say, `[cloud]` among them; `nil` = what they say.
    /// - Returns: the project, with its problems in the order of reports.
    package func load(
        _ directory: String,
        environment: String? = nil,
        runtime: RuntimeKind? = nil
    ) -> LoadedProject {
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
        if let problem = Self.misplacement(path, written: directory) {
            loaded.problems = [problem]
            return loaded
        }
        let merged = loadConfig(into: &loaded, environment: environment, runtime: runtime)
        loaded.unreadable = loaded.problems.filter { $0.code == .configSyntax }
        loaded.projectErrors = loaded.unreadable.isEmpty ? loaded.errors : loaded.unreadable
        let defaults = AgentDefaults(
            project: loaded.config,
            hasModelTable: merged["model"] != nil,
            modelNames: Set(merged["models"]?.objectValue?.keys ?? []),
            sourceNames: Set(merged["webhooks"]?.objectValue?.keys ?? []),
            mcpServers: merged["mcp"]?.objectValue ?? [:],
            isWhole: loaded.unreadable.isEmpty,
            facts: facts
        )
        loaded.agentLoader = AgentLoader(project: path, defaults: defaults)
        loadAgents(into: &loaded)
        loaded.problems.sort(by: Problem.inReportOrder)
        return loaded
    }

    private func loadAgents(into loaded: inout LoadedProject) {
        let discovery = AgentDiscovery(project: loaded.directory)
        loaded.problems += discovery.problems
        loaded.hints += discovery.hints
        loaded.agentDirectories = discovery.agents.map(\.name)
        for directory in discovery.agents {
            guard let read = loaded.agentLoader?.load(directory) else { continue }
            loaded.problems += read.problems
            loaded.agentErrors[directory.name] = read.obstacles
            guard let agent = read.agent else { continue }
            loaded.agents.append(agent)
            if !read.lacksTriggers { loaded.fullyKnownAgents.insert(directory.name) }
        }
    }

    /// Looks whether a directory is an agent's, where no command about a project has anything to do.
    ///
    /// - Parameters:
    ///   - path: absolute.
    ///   - written: as it was given.
    /// - Returns: E01; `nil` when it is not.
    package static func misplacement(_ path: String, written: String) -> Problem? {
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
        environment: String?,
        runtime: RuntimeKind?
    ) -> OrderedDictionary<String, JSONValue> {
        let base = document("config.toml", at: "\(loaded.directory)/config.toml", &loaded.problems)
        let machine = document(".env.toml", at: "\(loaded.directory)/.env.toml", &loaded.problems)
        let (written, projectName) = Self.binding(of: machine, &loaded.problems)
        let selected = [environment, variables["AL_ENV"], written].lazy.compactMap { $0 }.first { !$0.isEmpty }

        // Who says where runs execute has decided against the cloud.
        let hidden = runtime == nil ? Self.bindingKeys : Self.bindingKeys.union(["cloud"])
        var layers = ConfigLayers()
        layers.add(base, without: hidden)
        layers.add(machine, without: hidden)
        if base.root["cloud"]?["provider"] == "vps", runtime == nil {
            loaded.hints.append(
                "[cloud] in config.toml applies to everybody; in an environment only where that is chosen"
            )
        }
        var documents = [base]
        if let selected, let document = environmentDocument(selected, &loaded.problems) {
            loaded.environment = selected
            layers.add(document, without: hidden.union(["server"]))
            loaded.problems += EnvironmentValidation.problems(of: document)
            loaded.server = EnvironmentValidation.server(of: document)
            documents.append(document)
        }
        for document in documents { Self.reportBindingKeys(of: document, &loaded.problems) }

        loaded.configLayers = layers
        let report = ProblemReport(layers: layers)
        for path in layers.datePaths {
            report.add(.configBadType, at: path, "a date is legal only inside params of an agent")
        }
        loaded.config = ProjectConfig(decoding: TableDecoder(layers.merged, report: report))
        loaded.config.projectName = projectName
        if let runtime { loaded.config.local.runtime = runtime }
        loaded.problems += report.problems
        return layers.merged
    }

    /// Keys of `.env.toml` that bind the project to this machine and are no settings.
    private static let bindingKeys: Set<String> = ["environment", "projectName"]

    private static func binding(
        of machine: TOMLDocument,
        _ problems: inout [Problem]
    ) -> (environment: String?, projectName: String?) {
        var layers = ConfigLayers()
        layers.add(machine)
        let report = ProblemReport(layers: layers)
        let decoder = TableDecoder(layers.merged, report: report)
        let environment = decoder.text("environment", emptyMeansNone: true)
        let projectName = decoder.text("projectName", emptyMeansNone: true)
        problems += report.problems
        return (environment, projectName)
    }

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
        do {
            let path = try EnvironmentFiles(home: home).existingPath(of: name)
            return document(path, at: path, &problems)
        } catch {
            problems.append(error)
            return nil
        }
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
