import Domain
import OrderedCollections

/// What the agents of a project inherit from it.
struct AgentDefaults {
    let project: ProjectConfig
    /// Whether the project has a `[model]` table at all, readable or not.
    let hasModelTable: Bool
    /// The project's `[mcp]` tables, by name.
    let mcpServers: OrderedDictionary<String, JSONValue>
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
        config.credentials = decoder.credentials()
        config.schedule = decoder.schedule()
        config.webhooks = decoder.triggers(sources: project.webhooks)
        config.scale = decoder.integer("scale", 0...Int.max) ?? 1
        config.timeout = decoder.integer("timeout", 1...Int.max) ?? project.local.timeout
        config.timezone = decoder.timezone("timezone") ?? project.timezone
        config.initialRun = decoder.boolean("initialRun") ?? project.initialRun
        config.manual = decoder.boolean("manual") ?? false
        config.workQueueSize =
            decoder.integer("workQueueSize", 1...Int.max, deprecated: "maxWorkQueueSize") ?? project.workQueueSize
        config.limits = project.limits
        if let table = decoder.table("limits") { config.limits.decode(table) }
        config.params = decoder.table("params").map { .object($0.members) } ?? [:]
        config.preflight = decoder.preflight()
        config.network = decoder.network() ?? project.network
        config.mcpServers = decoder.mcpServers(of: defaults.mcpServers)
        config.decodePolicies(decoder)
        if let chain = decoder.modelChain(project.models), let first = chain.first {
            config.model = first
            config.fallbackModels = Array(chain.dropFirst())
        }
        decoder.finish()
        if model == nil, ownModel == nil, !defaults.hasModelTable {
            decoder.report.add(.modelMissing, "Agent `\(name)`: no [model] here or in config.toml")
        }
        config.check(decoder, model: model, project: project)
        guard model != nil, decoder.report.problems.allSatisfy(\.isTolerable) else { return nil }
        self = config
    }

    private mutating func decodePolicies(_ decoder: TableDecoder) {
        overflow = decoder.choice("overflow", of: QueueOverflow.self) ?? overflow
        jitter = decoder.integer("jitter", 0...3600) ?? jitter
        missedRuns = decoder.choice("missedRuns", of: MissedRunsPolicy.self) ?? missedRuns
        concurrencyKey = decoder.text("concurrencyKey")
        debounce = decoder.integer("debounce", 1...3600)
    }

    private func check(_ decoder: TableDecoder, model: ModelConfig?, project: ProjectConfig) {
        let report = decoder.report
        // A trigger that is there but wrong has its own problem.
        let hasTrigger = decoder.hasSchedule || decoder.members["webhooks"].map { $0 != [] } ?? false
        if !hasTrigger, !manual, scale != 0 {
            report.add(
                .agentNoTrigger,
                "Agent `\(name)`: nothing starts it: set schedule, add [[webhooks]], manual = true, or scale = 0"
            )
        }
        if let limit = project.scale, scale > limit {
            report.add(
                .agentScaleOverLimit,
                near: "scale",
                "Agent `\(name)`: scale \(scale) is above the project's \(limit)"
            )
        }
        if model?.authentication == .piAuth, project.local.runtime != .host {
            report.add(
                .modelPiAuth,
                near: "model.authType",
                "Agent `\(name)`: authType pi_auth needs the operator's own login and cannot work in an isolated run; "
                    + "use api_key or oauth_token"
            )
        }
    }
}

extension Problem {
    /// Whether an agent may run all the same: warnings, and a scale that the scheduler reduces.
    var isTolerable: Bool { !isError || code == .agentScaleOverLimit }
}

extension TableDecoder {
    fileprivate var hasSchedule: Bool { members["schedule"].map { $0 != .string("") } ?? false }

    fileprivate func checkName(_ name: AgentName) {
        guard let written = value("name"), written != .string(name.rawValue) else { return }
        report.add(.configNoEffect, at: full("name"), "has no effect: the directory's name \(name) is the agent's name")
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

    fileprivate func credentials() -> [CredentialReference] {
        guard let value = value("credentials") else {
            report.add(.configDefaulted, at: full("credentials"), "is missing, [] is used")
            return []
        }
        let entries: [JSONValue]
        if let single = value.stringValue {
            let text = "a list is expected, taken as [\(JSONValue.quoted(single))]"
            report.add(.configListExpected, at: full("credentials"), text)
            entries = [value]
        } else if let list = value.arrayValue {
            entries = list
        } else {
            report.add(.configBadType, at: full("credentials"), "expected a list of texts, found \(value.compactText)")
            return []
        }
        var result: [CredentialReference] = []
        for (index, entry) in entries.enumerated() {
            let path = KeyPath.element(full("credentials"), index)
            if let reference = credential(entry, at: path), !result.contains(reference) { result.append(reference) }
        }
        return result
    }

    private func credential(_ entry: JSONValue, at path: String) -> CredentialReference? {
        let brokered = entry.objectValue.map { TableDecoder($0, path: path, report: report) }
        let text = brokered?.text("ref") ?? entry.stringValue
        if brokered?.boolean("broker") == true {
            let message = "not supported yet; refused, because the run would see the secret itself"
            report.add(.configBadValue, at: KeyPath.joined(path, "broker"), message)
        }
        brokered?.finish()
        guard let text else {
            report.add(.configBadType, at: path, "expected a credential reference, found \(entry.compactText)")
            return nil
        }
        guard let reference = CredentialReference(text) else {
            let message = "`\(text)` is not a credential reference. Write type or type:instance"
            report.add(.credentialBadReference, at: path, message)
            return nil
        }
        return reference
    }
}
