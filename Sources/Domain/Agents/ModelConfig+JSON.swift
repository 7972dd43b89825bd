extension ModelConfig {
    /// The model as it stands in the JSON form of an agent, with the keys of a `[model]` table.
    package var json: JSONValue {
        .object([
            "provider": .string(provider.rawValue),
            "model": .string(model),
            "authType": .string(authentication.rawValue),
            "thinkingLevel": thinkingLevel.map { .string($0.rawValue) },
            "baseUrl": baseURL.map(JSONValue.string),
            "api": wireFormat.map { .string($0.rawValue) },
            "contextWindow": contextWindow.map { .int($0) },
            "maxTokens": maxTokens.map { .int($0) },
            "images": images.map(JSONValue.bool),
            "reasoning": reasoning.map(JSONValue.bool),
            "price": price.map(\.json),
            "headers": headers.isEmpty ? Optional.none : .object(texts: headers),
            "systemRole": compatibility.systemRole.map(JSONValue.string),
            "store": compatibility.store.map(JSONValue.bool),
            "maxField": compatibility.maxField.map(JSONValue.string),
            "thinkingFormat": compatibility.thinkingFormat.map(JSONValue.string),
            "strictTools": compatibility.strictTools.map(JSONValue.bool),
            "replayReasoning": compatibility.replayReasoning.map(JSONValue.bool),
        ])
    }

    /// Reads what ``json`` wrote.
    ///
    /// - Throws: ``AgentConfigJSONError`` naming the first key that does not fit.
    package init(json: JSONValue) throws(AgentConfigJSONError) {
        try self.init(reader: ConfigJSONReader(json, path: "model"))
    }

    init(reader: ConfigJSONReader) throws(AgentConfigJSONError) {
        let providers = ModelProvider.allCases.map(\.rawValue).joined(separator: ", ")
        self.init(
            provider: try reader.require("provider", "one of \(providers)") { .init(rawValue: $0.stringValue ?? "") },
            model: try reader.require("model", "text") { $0.stringValue }
        )
        authentication = try reader.choice("authType") ?? .apiKey
        thinkingLevel = try reader.choice("thinkingLevel")
        baseURL = try reader.text("baseUrl")
        wireFormat = try reader.choice("api")
        contextWindow = try reader.integer("contextWindow")
        maxTokens = try reader.integer("maxTokens")
        images = try reader.boolean("images")
        reasoning = try reader.boolean("reasoning")
        if let table = reader.table("price") {
            price = try ModelPrice(reader: ConfigJSONReader(table, path: "model.price"))
        }
        headers = try reader.textTable("headers")
        compatibility.systemRole = try reader.text("systemRole")
        compatibility.store = try reader.boolean("store")
        compatibility.maxField = try reader.text("maxField")
        compatibility.thinkingFormat = try reader.text("thinkingFormat")
        compatibility.strictTools = try reader.boolean("strictTools")
        compatibility.replayReasoning = try reader.boolean("replayReasoning")
    }
}

extension ModelPrice {
    fileprivate var json: JSONValue {
        [
            "input": .double(input), "output": .double(output), "cacheRead": .double(cacheRead),
            "cacheWrite": .double(cacheWrite),
        ]
    }

    fileprivate init(reader: ConfigJSONReader) throws(AgentConfigJSONError) {
        self.init(
            input: try reader.require("input", "a number") { $0.doubleValue },
            output: try reader.require("output", "a number") { $0.doubleValue },
            cacheRead: try reader.number("cacheRead") ?? 0,
            cacheWrite: try reader.number("cacheWrite") ?? 0
        )
    }
}
