import Domain
import OrderedCollections

/// Makes a server's schema one that every provider takes.
///
/// References are resolved, of alternatives the first is kept, and everything that some provider refuses is left out. The
/// server still checks the arguments by its own schema.
enum MCPSchema {
    private static let kept = ["description", "enum", "minimum", "maximum"]
    /// Nesting beyond this, as recursive schemas have it, becomes "any object".
    private static let deepest = 12
    /// Schemas that a tool's arguments may consist of; what is beyond becomes "any object".
    private static let mostNodes = 2000

    /// The schema of a tool's arguments.
    static func reduced(_ schema: JSONValue) -> JSONValue {
        var reduction = Reduction(root: schema)
        let object = reduction.reduced(schema, depth: 0, above: [])
        return .object([
            "type": "object", "properties": object["properties"] ?? [:], "required": object["required"] ?? [],
        ])
    }

    private struct Reduction {
        let root: JSONValue
        private var nodes = 0
        /// References that led to the schema at hand.
        private var followed: Set<String> = []

        init(root: JSONValue) { self.root = root }

        /// - Parameters:
        ///   - schema: as the server gave it.
        ///   - depth: 0 for the whole.
        ///   - above: references that led to the schemas around it; each is followed once on its way down.
        /// - Returns: what every provider takes.
        mutating func reduced(_ schema: JSONValue, depth: Int, above: Set<String>) -> JSONValue {
            nodes += 1
            guard depth < deepest, nodes <= mostNodes else { return ["type": "object"] }
            followed = []
            let plain = chosen(resolved(schema, hops: 0), hops: 0)
            let isRepeated = !followed.isDisjoint(with: above)
            let above = above.union(followed)
            var result = OrderedDictionary<String, JSONValue>()
            let types = plain["type"]?.arrayValue
            result["type"] = types?.first { $0 != "null" } ?? plain["type"] ?? .string(guessedType(plain))
            for key in kept { result[key] = plain[key] }
            if let value = plain["const"], plain["enum"] == nil { result["enum"] = [value] }
            switch result["type"] {
            case "object" where !isRepeated: addProperties(of: plain, to: &result, depth: depth, above: above)
            case "array" where isRepeated: result["items"] = ["type": "object"]
            case "array":
                let items = plain["items"].map { reduced($0, depth: depth + 1, above: above) }
                result["items"] = items ?? ["type": "string"]
            default: break
            }
            return .object(result)
        }

        private mutating func addProperties(
            of schema: JSONValue,
            to result: inout OrderedDictionary<String, JSONValue>,
            depth: Int,
            above: Set<String>
        ) {
            guard let properties = schema["properties"]?.objectValue else { return }
            result["properties"] = .object(properties.mapValues { reduced($0, depth: depth + 1, above: above) })
            let required = (schema["required"]?.arrayValue ?? []).filter { name in
                name.stringValue.map { properties[$0] != nil } ?? false
            }
            if !required.isEmpty { result["required"] = .array(required) }
        }

        private func guessedType(_ schema: JSONValue) -> String {
            if schema["properties"] != nil { return "object" }
            if schema["items"] != nil { return "array" }
            switch schema["enum"]?[0] ?? schema["const"] {
            case .number: return "number"
            case .bool: return "boolean"
            default: return "string"
            }
        }

        /// Follows a reference into the same document; what cannot be found allows anything.
        private mutating func resolved(_ schema: JSONValue, hops: Int) -> JSONValue {
            guard let reference = schema["$ref"]?.stringValue, hops < deepest else { return schema }
            followed.insert(reference)
            var found: JSONValue? = root
            for part in reference.split(separator: "/").dropFirst() {
                found = found?[String(part).replacing("~1", with: "/").replacing("~0", with: "~")]
            }
            return merged(schema, resolved(found ?? [:], hops: hops + 1))
        }

        private mutating func chosen(_ schema: JSONValue, hops: Int) -> JSONValue {
            guard hops < deepest else { return schema }
            var result = schema
            for part in schema["allOf"]?.arrayValue ?? [] { result = merged(result, resolved(part, hops: 0)) }
            let choices = schema["anyOf"]?.arrayValue ?? schema["oneOf"]?.arrayValue ?? []
            for choice in choices where choice["type"] != "null" {
                let first = resolved(choice, hops: 0)
                if first["type"] != "null" { return merged(result, chosen(first, hops: hops + 1)) }
            }
            return result
        }

        /// Both together; where both say something the first has the word, and properties add up.
        private func merged(_ first: JSONValue, _ second: JSONValue) -> JSONValue {
            guard let one = first.objectValue, let other = second.objectValue else { return first }
            var result = one.merging(other) { own, _ in own }
            if let left = one["properties"]?.objectValue, let right = other["properties"]?.objectValue {
                result["properties"] = .object(left.merging(right) { own, _ in own })
            }
            if let left = one["required"]?.arrayValue, let right = other["required"]?.arrayValue {
                result["required"] = .array(left + right.filter { !left.contains($0) })
            }
            return .object(result)
        }
    }
}
