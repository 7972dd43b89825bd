import Domain
import OrderedCollections
import Project
import TestSupport

/// A tree and the ways to write it down.
struct RandomDocument {
    var root: JSONValue = [:]
    private var random: SeededGenerator
    private static let keys = ["a", "b", "c-d", "e f", "g.h", "i\"j", "k"]

    init(using generator: inout SeededGenerator) {
        random = SeededGenerator(state: generator.next())
        root = .object(table(depth: 3))
    }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    private mutating func table(depth: Int) -> OrderedDictionary<String, JSONValue> {
        var members = OrderedDictionary<String, JSONValue>()
        for key in Self.keys.shuffled(using: &random).prefix(Int.random(in: 0...4, using: &random)) {
            members[key] = value(depth: depth - 1)
        }
        return members
    }

    private mutating func value(depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 5), using: &random) {
        case 0: return .int(Int.random(in: -9...99, using: &random))
        case 1: return .bool(chance(50))
        case 2: return .string(["", "x # y", "]", "\"\"\"", "a\nb\\", "ä}"].randomElement(using: &random) ?? "")
        case 3, 4: return .array((0..<Int.random(in: 0...3, using: &random)).map { .string("v\($0)\(chance(50))") })
        case 5, 6: return .object(table(depth: depth))
        default: return .array((0..<Int.random(in: 1...3, using: &random)).map { _ in .object(table(depth: depth)) })
        }
    }

    mutating func randomEdit() -> (path: TOMLPath, value: JSONValue) {
        var path: TOMLPath = []
        var current = root
        while true {
            if let members = current.objectValue {
                if members.isEmpty || chance(30) {
                    path = path.key(Self.keys.randomElement(using: &random) ?? "a")
                    break
                }
                let key = members.keys[Int.random(in: 0..<members.count, using: &random)]
                path = path.key(key)
                current = members[key] ?? .null
            } else if let values = current.arrayValue, !values.isEmpty, chance(80) {
                let index = Int.random(in: 0..<values.count, using: &random)
                path = path.element(index)
                current = values[index]
            } else {
                break
            }
            if chance(20) { break }
        }
        // An element of an array of tables can only become another table.
        if case .index? = path.steps.last {
            return (path, current.objectValue == nil ? "new" : .object(table(depth: 2)))
        }
        return (path, chance(25) ? .null : value(depth: 2))
    }
}

extension RandomDocument {
    /// The tree in a notation that is chosen at random for each table.
    mutating func text() -> String {
        let newLine = chance(20) ? "\r\n" : "\n"
        var lines: [String] = []
        write(root.objectValue ?? [:], at: [], into: &lines)
        return lines.joined(separator: newLine) + (chance(80) ? newLine : "")
    }

    private mutating func write(
        _ members: OrderedDictionary<String, JSONValue>,
        at path: [String],
        into lines: inout [String]
    ) {
        var later: [(String, JSONValue)] = []
        for (key, value) in members {
            if isTable(value), chance(60) {
                later.append((key, value))
            } else {
                comment(into: &lines)
                writePair(name(key), value, into: &lines)
            }
        }
        for (key, value) in later {
            let name = (path + [key]).map(name).joined(separator: ".")
            for table in value.arrayValue ?? [value] {
                if chance(60) { lines.append("") }
                comment(into: &lines)
                lines.append(value.arrayValue == nil ? "[\(name)]" : "[[ \(name) ]] # here")
                write(table.objectValue ?? [:], at: path + [key], into: &lines)
            }
        }
    }

    private mutating func writePair(_ key: String, _ value: JSONValue, into lines: inout [String]) {
        if let members = value.objectValue, !members.isEmpty, chance(40) {
            for (inner, value) in members { writePair("\(key).\(name(inner))", value, into: &lines) }
            return
        }
        let tail = chance(30) ? "  # of \(lines.count)" : ""
        guard let values = value.arrayValue, chance(50) else {
            return lines.append("\(key) \(chance(50) ? "= " : "=")\(inline(value))\(tail)")
        }
        lines.append("\(key) = [" + (chance(30) ? " # list" : ""))
        for (index, value) in values.enumerated() {
            let comma = index < values.count - 1 || chance(50) ? "," : ""
            lines.append("  \(inline(value))\(comma)" + (chance(30) ? " # element" : ""))
        }
        lines.append("]\(tail)")
    }

    private mutating func inline(_ value: JSONValue) -> String {
        if let values = value.arrayValue {
            var texts: [String] = []
            for value in values { texts.append(inline(value)) }
            return chance(50) ? "[\(texts.joined(separator: ", "))]" : "[ \(texts.joined(separator: ",")) ]"
        }
        if let members = value.objectValue {
            var texts: [String] = []
            for (key, value) in members { texts.append("\(name(key)) = \(inline(value))") }
            return "{ \(texts.joined(separator: ", ")) }"
        }
        if let text = value.stringValue, !text.contains("'"), !text.contains("\n"), chance(40) { return "'\(text)'" }
        return value.compactText
    }

    private mutating func comment(into lines: inout [String]) {
        if chance(20) { lines.append("") }
        if chance(30) { lines.append("# comment \(lines.count) = 1") }
    }

    private func name(_ key: String) -> String {
        key.allSatisfy { $0.isLetter || $0 == "-" } ? key : JSONValue.quoted(key)
    }

    private func isTable(_ value: JSONValue) -> Bool {
        value.objectValue != nil
            || value.arrayValue.map { !$0.isEmpty && $0.allSatisfy { $0.objectValue != nil } } ?? false
    }
}
