import OrderedCollections

extension MCPServerConfig {
    /// The server as it stands in the JSON form of an agent: the keys of its table, and its name.
    var json: JSONValue {
        var members: OrderedDictionary<String, JSONValue> = ["name": .string(name)]
        switch transport {
        case .stdio(let command, let environment, let directory):
            members["command"] = .array(command.map(JSONValue.string))
            members["env"] = .object(texts: environment)
            members["cwd"] = directory.map(JSONValue.string)
        case .http(let url, let headers):
            members["url"] = .string(url)
            members["headers"] = .object(texts: headers)
        }
        members["tools"] = .array(tools.map(JSONValue.string))
        members["timeout"] = .int(timeout)
        members["startTimeout"] = .int(startTimeout)
        members["required"] = .bool(isRequired)
        return .object(members)
    }

    init(reader: ConfigJSONReader) throws(AgentConfigJSONError) {
        let name = try reader.require("name", "text") { $0.stringValue }
        if let url = try reader.text("url") {
            self.init(name: name, transport: .http(url: url, headers: try reader.textTable("headers")))
        } else {
            let transport = Transport.stdio(
                command: try reader.texts("command"),
                environment: try reader.textTable("env"),
                directory: try reader.text("cwd")
            )
            self.init(name: name, transport: transport)
        }
        tools = try reader.texts("tools")
        timeout = try reader.integer("timeout") ?? timeout
        startTimeout = try reader.integer("startTimeout") ?? startTimeout
        isRequired = try reader.boolean("required") ?? isRequired
    }
}

extension NetworkPolicy {
    /// The list as it stands in the JSON form of an agent.
    package var json: JSONValue { ["allow": .array(allow.map(JSONValue.string)), "require": .bool(isRequired)] }

    /// Reads what ``json`` wrote.
    ///
    /// - Throws: ``AgentConfigJSONError`` naming the key that does not fit.
    package init(json: JSONValue) throws(AgentConfigJSONError) {
        try self.init(reader: ConfigJSONReader(json, path: "network"))
    }

    init(reader: ConfigJSONReader) throws(AgentConfigJSONError) {
        self.init(allow: try reader.texts("allow"), isRequired: try reader.boolean("require") ?? true)
    }
}

extension JSONValue {
    /// An object of texts, in the order of its keys.
    static func object(texts: [String: String]) -> JSONValue {
        .object(OrderedDictionary(uniqueKeysWithValues: texts.sorted { $0.key < $1.key }.map { ($0, .string($1)) }))
    }
}

extension ConfigJSONReader {
    func textTable(_ key: String) throws(AgentConfigJSONError) -> [String: String] {
        guard let table = table(key) else { return [:] }
        let reader = try ConfigJSONReader(table, path: full(key))
        var texts: [String: String] = [:]
        for name in reader.members.keys { texts[name] = try reader.text(name) }
        return texts
    }
}
