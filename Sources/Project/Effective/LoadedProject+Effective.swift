import Domain
import OrderedCollections

extension LoadedProject {
    /// The merged settings of the project, key by key in the order of the files, then the defaults of the rest.
    package var effectiveValues: [EffectiveValue] {
        let values = configLayers.effectiveValues(under: "")
        return values + Self.missing(Self.projectDefaults, from: values)
    }

    /// The settings of one agent: its own, what it inherits from the project, then the defaults of the rest.
    ///
    /// - Returns: `nil` when there is no such agent.
    /// - Throws: ``Problem`` when its file, or the directory of all agents, cannot be read.
    package func effectiveValues(of agent: String) throws(Problem) -> [EffectiveValue]? {
        let discovery = AgentDiscovery(project: directory)
        guard let found = discovery.agents.first(where: { $0.name == agent }) else {
            if let problem = discovery.unreadable { throw problem }
            return nil
        }
        let document = try TOMLDocument(
            file: "\(found.relativePath)/\(found.configFile)",
            path: "\(found.absolutePath)/\(found.configFile)"
        )
        var own = ConfigLayers()
        own.add(document)
        let values = own.effectiveValues(under: "") + configLayers.inherited(by: document.root)
        let defaults = Self.agentDefaults + Self.projectDefaults.filter { $0.key.hasPrefix("limits.") }
        return values + Self.missing(defaults, from: values)
    }

    private static func missing(
        _ defaults: [(key: String, value: JSONValue)],
        from values: [EffectiveValue]
    ) -> [EffectiveValue] {
        let known = Set(values.map(\.keyPath))
        return defaults.filter { !known.contains($0.key) }
            .map { EffectiveValue(keyPath: $0.key, value: $0.value, source: "default") }
    }
}

extension ConfigLayers {
    /// The leaves of the merged tree below a key; a list of scalars is one leaf, since it is replaced whole.
    func effectiveValues(under path: String) -> [EffectiveValue] {
        SecretValues.settings(of: .object(merged), at: []).compactMap { place, value in
            let keyPath = place.description
            guard path.isEmpty || keyPath == path || keyPath.isInside(path) else { return nil }
            let source = self.place(of: keyPath)
            return EffectiveValue(
                keyPath: keyPath,
                value: SecretValues.masked(value, at: place),
                source: source.file ?? "",
                line: source.line
            )
        }
    }

    /// What an agent with these own keys takes from the project.
    fileprivate func inherited(by own: OrderedDictionary<String, JSONValue>) -> [EffectiveValue] {
        var values: [EffectiveValue] = []
        if own["model"] == nil, own["models"] == nil { values += effectiveValues(under: "model") }
        let network = own["network"]?.objectValue ?? [:]
        values += effectiveValues(under: "network").filter {
            network[String($0.keyPath.dropFirst("network.".count))] == nil
        }
        for key in ["timezone", "initialRun", "workQueueSize"] where own[key] == nil {
            values += effectiveValues(under: key)
        }
        let limits = own["limits"]?.objectValue ?? [:]
        values += effectiveValues(under: "limits").filter {
            limits[String($0.keyPath.dropFirst("limits.".count))] == nil
        }
        guard own["timeout"] == nil, var timeout = effectiveValues(under: "local.timeout").first else { return values }
        timeout.keyPath = "timeout"
        return values + [timeout]
    }
}

extension LoadedProject {
    /// Defaults of `config.toml`, as they would be written there.
    fileprivate static var projectDefaults: [(key: String, value: JSONValue)] {
        let config = ProjectConfig()
        return [
            ("maxReruns", .int(config.maxReruns)), ("maxCallDepth", .int(config.maxCallDepth)),
            ("workQueueSize", .int(config.workQueueSize)), ("initialRun", .bool(config.initialRun)),
            ("stopGrace", .int(config.stopGrace)), ("historyRetentionDays", .int(config.historyRetentionDays)),
            ("limits.maxTurns", .int(config.limits.maxTurns)), ("local.runtime", "auto"),
            ("local.memory", .string("\(config.local.memory >> 30)g")), ("local.cpus", .double(config.local.cpus)),
            ("local.timeout", .int(config.local.timeout)),
            ("local.workspaceSize", .string("\(config.local.workspaceSize >> 30)g")),
            ("local.tmpSize", .string("\(config.local.tmpSize >> 30)g")), ("gateway.port", .int(config.gateway.port)),
            ("gateway.lockTimeout", .int(config.gateway.lockTimeout)), ("state.engine", "sqlite"),
            ("telemetry.enabled", false), ("telemetry.provider", "none"),
        ]
    }

    /// Defaults of `agent-config.toml` that no setting of the project replaces.
    fileprivate static var agentDefaults: [(key: String, value: JSONValue)] {
        [
            ("credentials", []), ("scale", 1), ("timeout", .int(LocalSettings().timeout)), ("manual", false),
            ("initialRun", true), ("workQueueSize", .int(ProjectConfig().workQueueSize)),
            ("overflow", .string(QueueOverflow.dropOldest.rawValue)), ("jitter", 0),
            ("missedRuns", .string(MissedRunsPolicy.skip.rawValue)),
        ]
    }
}
