import Domain
import OrderedCollections

/// Checks the arguments of a call against a tool's schema, after the usual slips of models are put right.
struct ArgumentValidation {
    private static let aliases: [String: [String]] = [
        "path": ["file_path"],
        "oldText": ["old_string", "old_str"],
        "newText": ["new_string", "new_str"],
        "command": ["cmd"],
    ]

    /// The arguments with aliases resolved and values coerced; unknown keys are left out.
    let arguments: JSONValue
    /// `path: what was expected`, one for each problem.
    let problems: [String]

    /// Checks arguments; `keepsUnknown`: those that the schema does not name are passed on.
    init(_ arguments: JSONValue, schema: JSONValue, keepsUnknown: Bool = false) {
        guard let given = arguments.objectValue else {
            self.arguments = arguments
            problems = ["arguments: expected an object"]
            return
        }
        var accepted = keepsUnknown ? given : OrderedDictionary<String, JSONValue>()
        var problems: [String] = []
        let required = Set((schema["required"]?.arrayValue ?? []).compactMap(\.stringValue))
        for (name, property) in schema["properties"]?.objectValue ?? [:] {
            let keys = [name] + (Self.aliases[name] ?? [])
            guard let value = keys.lazy.compactMap({ given[$0] }).first, value != .null || required.contains(name)
            else {
                if required.contains(name) {
                    problems.append("\(name): missing, expected \(Self.expectation(property))")
                }
                continue
            }
            if let coerced = Self.coerce(value, to: property) {
                accepted[name] = coerced
            } else {
                problems.append("\(name): expected \(Self.expectation(property))")
            }
        }
        self.arguments = .object(accepted)
        self.problems = problems
    }

    private static func expectation(_ property: JSONValue) -> String {
        let type = property["type"]?.stringValue ?? "a value"
        guard let choices = property["enum"]?.arrayValue else { return type }
        return "one of " + choices.map(\.compactText).joined(separator: ", ")
    }

    private static func coerce(_ value: JSONValue, to property: JSONValue) -> JSONValue? {
        let coerced: JSONValue? =
            switch property["type"]?.stringValue {
            case "string": value.stringValue.map(JSONValue.string)
            case "number": number(value)
            case "integer": number(value).flatMap(\.intValue).map { JSONValue.int($0) }
            case "boolean": boolean(value)
            case "array": array(value, of: property["items"])
            case "object": value.objectValue == nil ? nil : value
            default: value
            }
        guard let coerced else { return nil }
        if let choices = property["enum"]?.arrayValue, !choices.contains(coerced) { return nil }
        return coerced
    }

    private static func number(_ value: JSONValue) -> JSONValue? {
        if case .number = value { return value.intValue.map { JSONValue.int($0) } ?? value }
        guard let text = value.stringValue, let number = Double(text), number.isFinite else { return nil }
        return .double(number)
    }

    private static func boolean(_ value: JSONValue) -> JSONValue? {
        switch value {
        case .bool: value
        case .string("true"): true
        case .string("false"): false
        default: nil
        }
    }

    private static func array(_ value: JSONValue, of items: JSONValue?) -> JSONValue? {
        let elements: [JSONValue]
        switch value {
        case .array(let values): elements = values
        case .string: elements = [value]
        default: return nil
        }
        guard let items else { return .array(elements) }
        let coerced = elements.compactMap { coerce($0, to: items) }
        return coerced.count == elements.count ? .array(coerced) : nil
    }
}
