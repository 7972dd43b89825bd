import Domain
import OrderedCollections

extension TableDecoder {
    /// Reads `[network]`; what it leaves out is inherited.
    ///
    /// - Returns: the policy; `nil` = open, which `["*"]` says outright.
    func network(inherited: NetworkPolicy? = nil) -> NetworkPolicy? {
        guard let table = table("network") else { return inherited }
        let own = table.texts("allow")
        let isRequired = table.boolean("require") ?? inherited?.isRequired ?? true
        table.finish()
        if own == ["*"] { return nil }
        for (index, entry) in (own ?? []).enumerated() where entry == "*" || NetworkEntry(entry) == nil {
            let message =
                "\(JSONValue.quoted(entry)): expected a host, *.domain, host:port, an address or a CIDR, or \"*\" alone"
            table.report.add(.configBadValue, at: KeyPath.element(table.full("allow"), index), message)
        }
        guard let allow = own ?? inherited?.allow else { return nil }
        return NetworkPolicy(allow: allow, isRequired: isRequired)
    }

    /// Reads the names in `models`; `nil` = the agent has a plain `[model]`.
    ///
    /// - Parameters:
    ///   - models: those that can be used, by name.
    ///   - defined: the names of all, also of those with errors.
    /// - Returns: the models in order, `nil` for one that cannot be used.
    func modelChain(_ models: [String: ModelConfig], named defined: Set<String>) -> [ModelConfig?]? {
        guard let names = texts("models"), !names.isEmpty else { return nil }
        return names.enumerated().map { index, name in
            if let model = models[name] { return model }
            // A table that is there but wrong has its own problem.
            guard !defined.contains(name) else { return nil }
            unknownName(
                name,
                at: KeyPath.element(full("models"), index),
                table: "models",
                defined: defined.sorted()
            )
            return nil
        }
    }

    private func unknownName(_ name: String, at path: String, table: String, defined: [String]) {
        let list = defined.isEmpty ? "Nothing is defined there." : "Defined: \(defined.joined(separator: ", "))"
        report.add(
            .configUnknownName,
            at: path,
            "\(JSONValue.quoted(name)) is not defined in [\(table)] of config.toml. \(list)",
            suggestion: Suggestion.nearest(to: name, among: defined)
        )
    }

    /// Checks the `[mcp.<name>]` tables of a project; agents pick from them.
    func projectServers() {
        guard let tables = table("mcp") else { return }
        for name in tables.members.keys {
            guard let table = tables.table(name) else { continue }
            _ = MCPServerConfig(decoding: table, name: name)
        }
    }

    /// Reads the agent's `[mcp.<name>]` tables; their keys override the project's of the same name.
    func mcpServers(of project: OrderedDictionary<String, JSONValue>) -> [MCPServerConfig] {
        guard let tables = table("mcp") else { return [] }
        return tables.members.keys.compactMap { name in
            guard let own = tables.table(name) else { return nil }
            guard project[name] != nil || own.members["command"] != nil || own.members["url"] != nil else {
                unknownName(name, at: own.path, table: "mcp", defined: project.keys.sorted())
                return nil
            }
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
        let timeout = decoder.seconds("timeout")
        let startTimeout = decoder.seconds("startTimeout")
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
