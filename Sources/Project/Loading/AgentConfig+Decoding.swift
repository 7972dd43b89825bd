import Domain
import OrderedCollections
import Webhooks

/// What the agents of a project inherit from it.
struct AgentDefaults: Sendable {
    let project: ProjectConfig
    /// Whether the project has a `[model]` table at all, readable or not.
    let hasModelTable: Bool
    /// The names in the project's `[models]`, their tables readable or not.
    let modelNames: Set<String>
    /// The names in the project's `[webhooks]`, their tables readable or not.
    let sourceNames: Set<String>
    /// The project's `[mcp]` tables, by name.
    let mcpServers: OrderedDictionary<String, JSONValue>
    /// Whether every file of the project could be read; otherwise what an agent names may be defined in one that could not.
    let isWhole: Bool
    let facts: OutsideFacts
}

extension AgentConfig {
    /// Reads an agent's table; `nil` when it has errors that keep it from running.
    init?(decoding decoder: TableDecoder, name: AgentName, defaults: AgentDefaults) {
        let project = defaults.project
        let ownModel = decoder.table("model")
        let model = ownModel.map(ModelConfig.init(decoding:)) ?? project.model
        var config = AgentConfig(name: name, model: model ?? ModelConfig(provider: .scripted, model: ""))
        decoder.checkName(name)
        config.description = decoder.text("description")
        config.credentials = decoder.credentials(of: name, defaults.facts)
        config.schedule = decoder.schedule()
        config.webhooks = decoder.triggers(sources: project.webhooks, named: defaults.sourceNames)
        config.scale = decoder.runners("scale") ?? 1
        config.timeout = decoder.seconds("timeout") ?? project.local.timeout
        config.timezone = decoder.timezone("timezone") ?? project.timezone
        config.initialRun = decoder.boolean("initialRun") ?? project.initialRun
        config.manual = decoder.boolean("manual") ?? false
        config.workQueueSize =
            decoder.integer("workQueueSize", 1...Int.max, deprecated: "maxWorkQueueSize") ?? project.workQueueSize
        config.limits = project.limits
        if let table = decoder.table("limits") { config.limits.decode(table) }
        config.params = decoder.table("params").map { .object($0.members) } ?? [:]
        config.preflight = decoder.preflight()
        config.network = decoder.network(inherited: project.network)
        decoder.checkBroker(of: config)
        config.mcpServers = decoder.mcpServers(of: defaults.mcpServers)
        config.decodePolicies(decoder)
        let chain = decoder.modelChain(project.models, named: defaults.modelNames)
        let usable = chain?.compactMap(\.self) ?? []
        if let first = usable.first {
            config.model = first
            config.fallbackModels = Array(usable.dropFirst())
        }
        decoder.laterKeys()
        decoder.finish()
        if model == nil, chain == nil, ownModel == nil, !defaults.hasModelTable {
            decoder.report.add(.modelMissing, "Agent `\(name)`: no [model] here or in config.toml")
        }
        let hasModel = chain == nil ? model != nil : !usable.isEmpty
        config.check(decoder, hasModel: hasModel, defaults: defaults)
        guard hasModel, usable.count == chain?.count ?? 0, decoder.report.problems.allSatisfy(\.isTolerable) else {
            return nil
        }
        self = config
    }

    private mutating func decodePolicies(_ decoder: TableDecoder) {
        overflow = decoder.choice("overflow", of: QueueOverflow.self) ?? overflow
        jitter = decoder.integer("jitter", 0...3600) ?? jitter
        missedRuns = decoder.choice("missedRuns", of: MissedRunsPolicy.self) ?? missedRuns
        concurrencyKey = decoder.keyTemplate("concurrencyKey")
        debounce = decoder.integer("debounce", 1...3600)
    }
}

extension Problem {
    /// Whether the agent can be worked with all the same: warnings, a scale that the scheduler reduces, and a login that only
    /// isolated runs lack; a chat on this machine has it.
    var isTolerable: Bool { !code.stopsStart || code == .modelPiAuth }
}

extension TableDecoder {
    fileprivate func checkName(_ name: AgentName) {
        guard let written = value("name"), written != .string(name.rawValue) else { return }
        report.add(.configNoEffect, at: full("name"), "has no effect: the directory's name \(name) is the agent's name")
    }

    /// Keys of later versions of the same file.
    fileprivate func laterKeys() {
        // Where the agent was installed from.
        ignore("source")
        unsupported("hooks")
        unsupported("runtime")
    }

    fileprivate func schedule() -> CronSchedule? {
        guard let expression = text("schedule", emptyMeansNone: true) else { return nil }
        do {
            return try CronSchedule(expression)
        } catch {
            let text =
                "\(JSONValue.quoted(expression)): \(error.field) \(JSONValue.quoted(error.text)): \(error.expected)"
            report.add(.scheduleInvalid, at: full("schedule"), text)
            return nil
        }
    }

    /// Reads a template such as `{repo}#{number}`; `{{` stands for a brace.
    fileprivate func keyTemplate(_ key: String) -> String? {
        guard let text = text(key) else { return nil }
        let (names, problem) = Self.names(inTemplate: text)
        if let problem {
            report.add(.configBadValue, at: full(key), "\(JSONValue.quoted(text)): \(problem)")
            return nil
        }
        let known = WebhookRegistry.contextKeys
        for name in names where !known.contains(name) {
            let suggestion = Suggestion.nearest(to: name, among: known)
            let keys = suggestion == nil ? " (keys: \(known.joined(separator: ", ")))" : ""
            let message = "{\(name)} is always empty: no webhook's context has such a key\(keys)"
            report.add(.configUnusual, at: full(key), message, suggestion: suggestion)
        }
        return text
    }

    private static func names(inTemplate text: String) -> (names: [String], problem: String?) {
        var names: [String] = []
        var rest = text.replacing("{{", with: "")[...]
        while let open = rest.firstIndex(of: "{") {
            let inside = rest[rest.index(after: open)...]
            guard let close = inside.firstIndex(of: "}") else { return (names, "expected \"}\" after \"{\"") }
            let name = inside[..<close]
            let isName = !name.isEmpty && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            guard isName else {
                return (names, "expected the name of a context key in braces, such as {repo}, found {\(name)}")
            }
            names.append(String(name))
            rest = inside[inside.index(after: close)...]
        }
        return (names, nil)
    }
}
