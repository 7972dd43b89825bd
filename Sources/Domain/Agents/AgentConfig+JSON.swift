import OrderedCollections

extension AgentConfig {
    /// The agent as one JSON object: what is baked into its image and handed to a run as `AGENT_CONFIG`.
    ///
    /// Keys are those of `agent-config.toml`; `_agentsMd` holds the instructions and `_directory` the agent's directory.
    /// Equal configurations give equal texts, and ``init(json:)`` reads everything back.
    package var json: JSONValue {
        .object([
            "name": .string(name.rawValue),
            "description": description.map(JSONValue.string),
            "credentials": .array(credentials.map(\.json)),
            "model": model.json,
            "schedule": schedule.map { .string($0.expression) },
            "timezone": timezone.map(JSONValue.string),
            "webhooks": Self.list(webhooks.map(\.json)),
            "preflight": Self.list(preflight.map(\.json)),
            "params": params,
            "scale": .int(scale),
            "timeout": .int(timeout),
            "initialRun": .bool(initialRun),
            "manual": .bool(manual),
            "workQueueSize": .int(workQueueSize),
            "overflow": overflow == .dropOldest ? nil : .string(overflow.rawValue),
            "jitter": jitter == 0 ? nil : .int(jitter),
            "missedRuns": missedRuns == .skip ? nil : .string(missedRuns.rawValue),
            "concurrencyKey": concurrencyKey.map(JSONValue.string),
            "debounce": debounce.map { .int($0) },
            "models": Self.list(fallbackModels.map(\.json)),
            "limits": limits.json,
            "network": network.map(\.json),
            "mcp": Self.list(mcpServers.map(\.json)),
            "_agentsMd": .string(instructions),
            "_directory": .string(directory),
        ])
    }

    /// Not a plain `nil`, which would be JSON's `null`.
    private static func list(_ elements: [JSONValue]) -> JSONValue? {
        elements.isEmpty ? Optional.none : .array(elements)
    }

    /// Reads what ``json`` wrote; optional keys that are absent have their defaults.
    ///
    /// - Throws: ``AgentConfigJSONError`` naming the first key that does not fit.
    package init(json: JSONValue) throws(AgentConfigJSONError) {
        let reader = try ConfigJSONReader(json, path: "")
        let nameText = try reader.require("name", "text") { $0.stringValue }
        guard let name = try? AgentName(nameText) else {  // Which rule is broken was said when the files were read.
            throw .init(path: "name", expected: "the name of an agent")
        }
        let modelReader = try ConfigJSONReader(reader.require("model", "an object") { $0 }, path: "model")
        self.init(name: name, model: try ModelConfig(reader: modelReader))
        description = try reader.text("description")
        credentials = try Self.credentials(reader)
        if let expression = try reader.text("schedule") {
            do {
                schedule = try CronSchedule(expression)
            } catch {
                throw .init(path: "schedule", expected: "a cron expression (\(error.field): \(error.expected))")
            }
        }
        timezone = try reader.text("timezone")
        webhooks = try reader.readers("webhooks") { reader throws(AgentConfigJSONError) in
            try WebhookTriggerConfig(reader: reader)
        }
        preflight = try reader.readers("preflight") { reader throws(AgentConfigJSONError) in
            try PreflightStep(reader: reader)
        }
        params = reader.members["params"] ?? [:]
        scale = try reader.integer("scale") ?? scale
        timeout = try reader.integer("timeout") ?? timeout
        initialRun = try reader.boolean("initialRun") ?? initialRun
        manual = try reader.boolean("manual") ?? manual
        workQueueSize = try reader.integer("workQueueSize") ?? workQueueSize
        overflow = try reader.choice("overflow") ?? overflow
        jitter = try reader.integer("jitter") ?? jitter
        missedRuns = try reader.choice("missedRuns") ?? missedRuns
        concurrencyKey = try reader.text("concurrencyKey")
        debounce = try reader.integer("debounce")
        fallbackModels = try reader.readers("models") { reader throws(AgentConfigJSONError) in
            try ModelConfig(reader: reader)
        }
        if let table = reader.table("network") {
            network = try NetworkPolicy(reader: ConfigJSONReader(table, path: "network"))
        }
        mcpServers = try reader.readers("mcp") { reader throws(AgentConfigJSONError) in
            try MCPServerConfig(reader: reader)
        }
        if let table = reader.table("limits") {
            limits = try RunLimits(reader: ConfigJSONReader(table, path: "limits"))
        }
        instructions = try reader.text("_agentsMd") ?? ""
        directory = try reader.text("_directory") ?? ""
    }
}

extension AgentConfig {
    private static func credentials(_ reader: ConfigJSONReader) throws(AgentConfigJSONError) -> [CredentialReference] {
        let expected = "a list of credential references"
        let list = try reader.optional("credentials", expected) { $0.arrayValue } ?? []
        var references: [CredentialReference] = []
        for entry in list {
            guard let text = entry.stringValue ?? entry["ref"]?.stringValue,
                var reference = CredentialReference(text)
            else {
                throw .init(path: "credentials", expected: expected)
            }
            reference.isBrokered = entry["broker"]?.boolValue ?? false
            references.append(reference)
        }
        return references
    }
}

extension CredentialReference {
    fileprivate var json: JSONValue {
        isBrokered ? ["ref": .string(description), "broker": true] : .string(description)
    }
}

extension RunLimits {
    fileprivate var json: JSONValue {
        .object([
            "maxTurns": .int(maxTurns),
            "maxTokensPerRun": maxTokensPerRun.map { .int($0) },
            "maxCostPerRun": maxCostPerRun.map(JSONValue.double),
            "maxCostPerDay": maxCostPerDay.map(JSONValue.double),
        ])
    }

    fileprivate init(reader: ConfigJSONReader) throws(AgentConfigJSONError) {
        self.init()
        maxTurns = try reader.integer("maxTurns") ?? maxTurns
        maxTokensPerRun = try reader.integer("maxTokensPerRun")
        maxCostPerRun = try reader.number("maxCostPerRun")
        maxCostPerDay = try reader.number("maxCostPerDay")
    }
}

extension WebhookTriggerConfig {
    fileprivate var json: JSONValue {
        var members: OrderedDictionary<String, JSONValue> = ["source": .string(source)]
        for (key, values) in filters.sorted(by: { $0.key < $1.key }) {
            members[key] = .array(values.map(JSONValue.string))
        }
        return .object(members)
    }

    fileprivate init(reader: ConfigJSONReader) throws(AgentConfigJSONError) {
        self.init(source: try reader.require("source", "text") { $0.stringValue })
        for key in reader.members.keys where key != "source" {
            filters[key] = try reader.texts(key)
        }
    }
}

extension PreflightStep {
    fileprivate var json: JSONValue {
        ["provider": .string(provider), "required": .bool(isRequired), "params": params]
    }

    fileprivate init(reader: ConfigJSONReader) throws(AgentConfigJSONError) {
        self.init(
            provider: try reader.require("provider", "text") { $0.stringValue },
            isRequired: try reader.boolean("required") ?? true,
            params: reader.members["params"] ?? [:]
        )
    }
}
