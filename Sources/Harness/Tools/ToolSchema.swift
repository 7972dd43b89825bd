import Domain
import OrderedCollections

/// Builds the schemas of tools: only what all providers accept.
enum ToolSchema {
    /// An object of properties in order.
    static func object(_ properties: KeyValuePairs<String, JSONValue>, required: [String]) -> JSONValue {
        var members = OrderedDictionary<String, JSONValue>()
        for (name, property) in properties { members[name] = property }
        return [
            "type": "object",
            "properties": .object(members),
            "required": .array(required.map(JSONValue.string)),
        ]
    }

    static func string(_ description: String, choices: [String] = []) -> JSONValue {
        .object([
            "type": "string",
            "description": .string(description),
            "enum": choices.isEmpty ? nil : .array(choices.map(JSONValue.string)),
        ])
    }

    static func number(_ description: String) -> JSONValue {
        ["type": "number", "description": .string(description)]
    }

    static func boolean(_ description: String) -> JSONValue {
        ["type": "boolean", "description": .string(description)]
    }
}
