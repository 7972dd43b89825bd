import Domain
import FoundationEssentials

/// What a run is made of: the files baked into its image, or what its launcher put into the environment.
struct StaticFiles: Hashable, Sendable {
    /// Files from an image, as opposed to variables.
    let isBaked: Bool
    var config: AgentConfig
    /// The prompt without its trigger part, where it was prepared.
    var skeleton: String?
    /// Seconds.
    var timeout: Int
    /// Directory of the agent's own files.
    var directory: String
    /// Paths of the scripts of scripted models, by their configured names.
    var modelScripts: [String: String] = [:]
    /// A script that replaces the session.
    var testScript: String?

    /// Reads them.
    ///
    /// - Throws: ``RunFailure`` naming the place.
    init(directory: String, environment: [String: String]) throws(RunFailure) {
        if let text = Self.text("\(directory)/agent-config.json") {
            try self.init(baked: text, directory: directory, environment: environment)
        } else if let text = environment["AGENT_CONFIG"], !text.isEmpty {
            try self.init(variable: text, environment: environment)
        } else {
            throw RunFailure(
                .configuration,
                "there is no configuration for this run: neither \(directory)/agent-config.json nor the variable "
                    + "AGENT_CONFIG exists. Runs are started by `al start` or `al run`"
            )
        }
        if config.model.provider == .custom, config.model.baseURL == nil {
            throw RunFailure(
                .configuration,
                "agent \(config.name): the provider custom needs a URL; set [model].baseUrl"
            )
        }
    }

    private init(baked text: String, directory: String, environment: [String: String]) throws(RunFailure) {
        isBaked = true
        self.directory = directory
        if let whole = environment["AGENT_CONFIG"], !whole.isEmpty {
            // The file, which tools can read, masks what may be secret.
            config = try Self.config(whole, from: "the variable AGENT_CONFIG")
        } else {
            config = try Self.config(text, from: "\(directory)/agent-config.json")
        }
        if let instructions = Self.text("\(directory)/ACTIONS.md") { config.instructions = instructions }
        skeleton = Self.text("\(directory)/prompt-static.txt")
        let seconds = Self.text("\(directory)/timeout").flatMap { Int($0.filter { !$0.isWhitespace }) } ?? 0
        timeout = seconds > 0 ? seconds : 3600
        for (index, script) in config.scripts.enumerated() {
            modelScripts[script] = "\(directory)/\(AgentConfig.nameOfBakedScript(index))"
        }
        testScript = Self.testScript(directory)
    }

    private init(variable text: String, environment: [String: String]) throws(RunFailure) {
        isBaked = false
        config = try Self.config(text, from: "the variable AGENT_CONFIG")
        directory = environment["AL_AGENT_DIR"] ?? config.directory
        timeout = try Self.seconds(environment["TIMEOUT_SECONDS"])
        config.directory = directory
        for script in config.scripts { modelScripts[script] = config.path(ofScript: script) }
        testScript = directory.isEmpty ? nil : Self.testScript(directory)
    }

    private static func seconds(_ text: String?) throws(RunFailure) -> Int {
        guard let text else { return 3600 }
        guard let seconds = Int(text), seconds > 0 else {
            throw RunFailure(
                .configuration,
                "TIMEOUT_SECONDS is `\(text)`; it must be a whole number of seconds above 0"
            )
        }
        return seconds
    }

    private static func testScript(_ directory: String) -> String? {
        let path = "\(directory)/test-script.sh"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }

    private static func text(_ path: String) -> String? {
        // Absent files are ordinary; one that cannot be read is as good as absent.
        guard let data = try? Data(contentsOf: URL(filePath: path)) else { return nil }
        return String(decoding: data, as: UTF8.self)
    }
}
