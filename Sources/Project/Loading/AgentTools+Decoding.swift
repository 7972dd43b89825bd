import Domain
import OrderedCollections

extension TableDecoder {
    /// Reads `[network]`; `nil` = nothing said.
    func network() -> NetworkPolicy? {
        guard let table = table("network") else { return nil }
        let allow = table.texts("allow")
        let isRequired = table.boolean("require") ?? true
        table.finish()
        // An unenforced list would give runs more than the project allows them.
        if allow != nil {
            let message = "not supported yet; refused, because runs would reach more than this list allows"
            report.add(.configBadValue, at: table.full("allow"), message)
        }
        return allow.map { NetworkPolicy(allow: $0, isRequired: isRequired) }
    }

    /// Reads the names in `models`; `nil` = the agent has a plain `[model]`.
    func modelChain(_ models: [String: ModelConfig]) -> [ModelConfig]? {
        guard let names = texts("models") else { return nil }
        var chain: [ModelConfig] = []
        for (index, name) in names.enumerated() {
            if let model = models[name] {
                chain.append(model)
                continue
            }
            let suggestion = Suggestion.nearest(to: name, among: models.keys.sorted())
            let message = "\(JSONValue.quoted(name)) names no [models.<name>] table of config.toml"
            report.add(.configBadValue, at: KeyPath.element(full("models"), index), message, suggestion: suggestion)
        }
        return chain
    }

    /// Reads the agent's `[mcp.<name>]` tables; their keys override the project's of the same name.
    func mcpServers(of project: OrderedDictionary<String, JSONValue>) -> [MCPServerConfig] {
        guard let tables = table("mcp") else { return [] }
        return tables.members.keys.compactMap { name in
            guard let own = tables.table(name) else { return nil }
            let merged = project[name]?.objectValue.map { $0.merging(own.members) { _, new in new } } ?? own.members
            return MCPServerConfig(decoding: TableDecoder(merged, path: own.path, report: report), name: name)
        }
    }
}

extension MCPServerConfig {
    /// Reads a server's table; `nil` when it cannot be told how to reach the server.
    init?(decoding decoder: TableDecoder, name: String) {
        let command = decoder.texts("command")
        let url = decoder.webAddress("url")
        let environment = decoder.textTable("env")
        let directory = decoder.text("cwd")
        let headers = decoder.textTable("headers")
        let tools = decoder.texts("tools")
        let timeout = decoder.integer("timeout", 1...Int.max)
        let startTimeout = decoder.integer("startTimeout", 1...Int.max)
        let isRequired = decoder.boolean("required")
        decoder.finish()
        switch (command, url) {
        case (let command?, nil) where !command.isEmpty:
            self.init(
                name: name,
                transport: .stdio(command: command, environment: environment, directory: directory)
            )
        case (nil, let url?):
            self.init(name: name, transport: .http(url: url, headers: headers))
        default:
            decoder.report.add(.configBadValue, at: decoder.path, "needs either command (a program) or url")
            return nil
        }
        self.tools = tools ?? self.tools
        self.timeout = timeout ?? self.timeout
        self.startTimeout = startTimeout ?? self.startTimeout
        self.isRequired = isRequired ?? self.isRequired
    }
}

extension TableDecoder {
    /// Reads a table of texts; empty when absent.
    func textTable(_ key: String) -> [String: String] {
        guard let table = table(key) else { return [:] }
        var texts: [String: String] = [:]
        for name in table.members.keys { texts[name] = table.text(name) }
        return texts
    }
}
