import Domain
import OrderedCollections

/// Writes values the way people write them in TOML.
enum TOMLText {
    /// A list longer than this gets a line for each element.
    private static let widestList = 100

    /// A value on the right of `=` or inside of an array.
    static func value(_ value: JSONValue) -> String {
        switch value {
        case .null: "\"\""
        case .bool(let value): value ? "true" : "false"
        case .number(let digits): digits
        case .string(let text): JSONValue.quoted(text)
        case .array(let values): array(values)
        case .object(let members): inlineTable(members)
        }
    }

    /// `key = value`.
    static func pair(_ key: String, _ value: JSONValue) -> String { "\(key) = \(self.value(value))" }

    /// The lines of a table: its header, its own keys, then the tables below it with a blank line before each.
    ///
    /// A table that has nothing but tables below it needs no header of its own.
    static func section(_ path: TOMLPath, _ members: OrderedDictionary<String, JSONValue>, isElement: Bool) -> [String]
    {
        let name = path.headerName
        let pairs = members.filter { $0.value != .null && !needsSections($0.value) }
        let tables = members.filter { needsSections($0.value) }
        let isOnlyAbove = pairs.isEmpty && !tables.isEmpty && !isElement
        var lines = isOnlyAbove ? [] : [isElement ? "[[\(name)]]" : "[\(name)]"]
        lines += pairs.map { pair(KeyPath.written($0.key), $0.value) }
        for (key, value) in tables {
            if !lines.isEmpty { lines.append("") }
            lines += sections(path.key(key), value)
        }
        return lines
    }

    /// The lines of a table or of an array of tables.
    static func sections(_ path: TOMLPath, _ value: JSONValue) -> [String] {
        if let members = value.objectValue { return section(path, members, isElement: false) }
        let tables = value.arrayValue?.compactMap(\.objectValue) ?? []
        return Array(tables.map { section(path, $0, isElement: true) }.joined(separator: [""]))
    }

    /// Whether a value is written under headers of its own.
    static func needsSections(_ value: JSONValue) -> Bool {
        switch value {
        case .object: true
        case .array(let values): !values.isEmpty && values.allSatisfy { $0.objectValue != nil }
        default: false
        }
    }

    private static func array(_ values: [JSONValue]) -> String {
        let texts = values.map(value)
        let line = "[\(texts.joined(separator: ", "))]"
        guard line.utf8.count > widestList, texts.count > 1 else { return line }
        return "[\n" + texts.map { "    \($0),\n" }.joined() + "]"
    }

    private static func inlineTable(_ members: OrderedDictionary<String, JSONValue>) -> String {
        let pairs = members.filter { $0.value != .null }.map { pair(KeyPath.written($0.key), $0.value) }
        return pairs.isEmpty ? "{}" : "{ \(pairs.joined(separator: ", ")) }"
    }
}
