import Domain
import Foundation
import OrderedCollections
import TOMLKit

/// A TOML file as a tree of JSON values in file order, with the line of each key.
struct TOMLDocument {
    /// How the file is named in problems.
    let file: String
    let root: OrderedDictionary<String, JSONValue>
    let lines: [String: Int]
    /// Paths of dates and times; their values became ISO 8601 texts.
    let datePaths: [String]

    /// A file that is not there.
    init(absent file: String) {
        self.file = file
        root = [:]
        lines = [:]
        datePaths = []
    }

    /// Parses a file's text.
    ///
    /// - Throws: ``Problem`` with line, column and the line itself without what may be secret in it.
    init(file: String, text: String) throws(Problem) {
        if let refusal = TOMLGuard.refusal(of: text) { throw Self.syntaxProblem(refusal, file: file, text: text) }
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw Self.syntaxProblem(error, file: file, text: text)
        } catch {
            throw Problem(code: .configSyntax, file: file, text: "not valid TOML: \(error)")
        }
        let positions = KeyPositions(of: text)
        var converter = TreeConverter(ranks: positions.ranks)
        // Nested tables point into the root without owning it.
        root = withExtendedLifetime(table) { converter.members(of: table, at: "") }
        self.file = file
        lines = positions.lines
        datePaths = converter.datePaths
    }

    /// Reads a file; one that does not exist is empty.
    ///
    /// - Throws: ``Problem`` when it cannot be read or is not TOML.
    init(file: String, path: String) throws(Problem) {
        guard let text = try Self.text(of: file, path: path) else {
            self.init(absent: file)
            return
        }
        try self.init(file: file, text: text)
    }

    /// The text of a file; `nil` when it does not exist.
    ///
    /// - Throws: ``Problem`` when it cannot be read.
    static func text(of file: String, path: String) throws(Problem) -> String? {
        guard FilePresence(of: path) != .absent else { return nil }
        guard let data = FileManager.default.contents(atPath: path) else { throw .unreadable(file) }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw Problem(code: .configSyntax, file: file, text: "not valid TOML: the file is not UTF-8")
        }
        return text
    }

    private static func syntaxProblem(_ error: TOMLParseError, file: String, text: String) -> Problem {
        let place = error.source.begin
        return syntaxProblem(
            TOMLGuard.Refusal(line: place.line, column: place.column, reason: ShownLine.reason(error.description)),
            file: file,
            text: text
        )
    }

    private static func syntaxProblem(_ refusal: TOMLGuard.Refusal, file: String, text: String) -> Problem {
        let (line, column) = (refusal.line, refusal.column)
        var message = "not valid TOML: \(refusal.reason)"
        let textLines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        if textLines.indices.contains(line - 1) {
            let textLine = textLines[line - 1]
            let shown = ShownLine(textLine, column: column, after: text[..<textLine.startIndex])
            message += "\n    \(shown.text)\n    \(String(repeating: " ", count: shown.indent))^"
        }
        return Problem(code: .configSyntax, file: file, line: line, column: column, text: message)
    }
}

/// Copies the parser's tree, which sorts its keys by name, into one in file order.
private struct TreeConverter {
    let ranks: [String: Int]
    var datePaths: [String] = []

    mutating func members(of table: TOMLTable, at path: String) -> OrderedDictionary<String, JSONValue> {
        let keys = table.keys.map { (key: $0, path: KeyPath.joined(path, $0)) }
            .sorted { (ranks[$0.path] ?? .max, $0.key) < (ranks[$1.path] ?? .max, $1.key) }
        var members = OrderedDictionary<String, JSONValue>()
        for (key, keyPath) in keys {
            guard let value = table[key] else { continue }
            members[key] = convert(value, at: keyPath)
        }
        return members
    }

    private mutating func convert(_ value: any TOMLValueConvertible, at path: String) -> JSONValue {
        switch value.type {
        case .table: return value.table.map { .object(members(of: $0, at: path)) } ?? .null
        case .array: return value.array.map { elements(of: $0, at: path) } ?? .null
        case .string: return value.string.map(JSONValue.string) ?? .null
        case .int: return value.int.map { .int($0) } ?? .null
        case .double: return value.double.map(JSONValue.double) ?? .null
        case .bool: return value.bool.map(JSONValue.bool) ?? .null
        case .date, .time, .dateTime:
            datePaths.append(path)
            return .string(isoText(of: value))
        }
    }

    private mutating func elements(of array: TOMLArray, at path: String) -> JSONValue {
        var elements: [JSONValue] = []
        for index in 0..<array.count {
            elements.append(convert(array[index], at: KeyPath.element(path, index)))
        }
        return .array(elements)
    }

    private func isoText(of value: any TOMLValueConvertible) -> String {
        if let date = value.date { return text(date) }
        if let time = value.time { return text(time) }
        guard let both = value.dateTime else { return "" }
        var result = "\(text(both.date))T\(text(both.time))"
        if let offset = both.offset?.offset {
            let size = abs(offset)
            result += offset == 0 ? "Z" : "\(offset < 0 ? "-" : "+")\(digits(size / 60)):\(digits(size % 60))"
        }
        return result
    }

    private func text(_ date: TOMLDate) -> String {
        "\(digits(date.year, 4))-\(digits(date.month))-\(digits(date.day))"
    }

    private func text(_ time: TOMLTime) -> String {
        var result = "\(digits(time.hour)):\(digits(time.minute)):\(digits(time.second))"
        if time.nanoSecond > 0 {
            result += "." + digits(time.nanoSecond, 9)
            while result.last == "0" { result.removeLast() }
        }
        return result
    }

    private func digits(_ number: Int, _ width: Int = 2) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
