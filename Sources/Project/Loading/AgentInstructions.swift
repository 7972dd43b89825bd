import Domain
import Foundation
import Yams

/// What an agent is told to do: `ACTIONS.md`, else the body of `SKILL.md`.
struct AgentInstructions {
    private(set) var text = ""
    /// From the front matter of `SKILL.md`.
    private(set) var description: String?

    /// Reads them.
    ///
    /// - Throws: ``Problem`` when a file is there and cannot be read.
    init(of directory: AgentDirectory, _ problems: inout [Problem]) throws(Problem) {
        if let actions = try Self.content(of: "ACTIONS.md", in: directory) {
            text = actions
        } else if let skill = try Self.content(of: "SKILL.md", in: directory) {
            readSkill(skill.replacing("\r\n", with: "\n"), of: directory, &problems)
        } else {
            let text = "is missing; the agent runs with neutral instructions"
            problems.append(Problem(code: .configUnusual, file: "\(directory.relativePath)/ACTIONS.md", text: text))
        }
    }

    private static func content(of name: String, in directory: AgentDirectory) throws(Problem) -> String? {
        let path = "\(directory.absolutePath)/\(name)"
        guard FilePresence(of: path) != .absent else { return nil }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .unreadable("\(directory.relativePath)/\(name)")
        }
        // A byte order mark is no part of a text.
        return String(decoding: data.starts(with: [0xEF, 0xBB, 0xBF]) ? data.dropFirst(3) : data, as: UTF8.self)
    }

    private mutating func readSkill(_ skill: String, of directory: AgentDirectory, _ problems: inout [Problem]) {
        let file = "\(directory.relativePath)/SKILL.md"
        let lines = skill.split(separator: "\n", omittingEmptySubsequences: false)
        let isRule = { (line: Substring) in
            line.hasPrefix("---") && line.dropFirst(3).allSatisfy { $0 == " " || $0 == "\t" }
        }
        guard let first = lines.first, isRule(first) else {
            text = skill
            return
        }
        guard let end = lines.dropFirst().firstIndex(where: isRule) else {
            text = skill
            let message = "the front matter that begins here does not end: expected a line ---"
            problems.append(Problem(code: .configSyntax, file: file, line: 1, text: message))
            return
        }
        text = lines[(end + 1)...].joined(separator: "\n")
        do {
            try readFrontMatter(lines[1..<end].joined(separator: "\n"), name: directory.name, file: file, &problems)
        } catch {
            problems.append(error)
        }
    }

    private mutating func readFrontMatter(
        _ yaml: String,
        name: String,
        file: String,
        _ problems: inout [Problem]
    ) throws(Problem) {
        let node: Node?
        do {
            node = try Yams.compose(yaml: yaml)
        } catch let YamlError.parser(_, problem, mark, _), let YamlError.scanner(_, problem, mark, _) {
            throw Problem(
                code: .configSyntax,
                file: file,
                line: mark.line + 1,
                column: mark.column,
                text: "not valid YAML: \(problem)"
            )
        } catch {
            throw Problem(code: .configSyntax, file: file, line: 2, text: "not valid YAML")
        }
        guard let node else { return }
        guard let mapping = node.mapping else {
            throw Problem(code: .configBadType, file: file, line: 2, text: "front matter: expected keys and values")
        }
        if let written = mapping["name"]?.string, written != name {
            let text = "has no effect: the directory's name \(name) is the agent's name"
            let line = mapping["name"]?.mark.map { $0.line + 1 }
            problems.append(Problem(code: .configNoEffect, file: file, line: line, keyPath: "name", text: text))
        }
        guard let written = mapping["description"] else { return }
        description = written.string
        if description == nil {
            let line = written.mark.map { $0.line + 1 }
            let text = "expected text"
            problems.append(
                Problem(code: .configBadType, file: file, line: line, keyPath: "description", text: text)
            )
        }
    }
}
