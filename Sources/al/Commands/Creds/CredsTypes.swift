import ArgumentParser
import Credentials
import Domain
import Foundation
import OrderedCollections
import Terminal

/// `al creds types`.
struct CredsTypes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "types",
        abstract: "Show the known types of credentials, and add one.",
        discussion: """
            On a terminal it is a list to search in; else a table.

            Examples:
              al creds types
              al creds types --json
            """
    )

    @Flag(name: .long, help: "One JSON document.")
    var json = false

    private var types: [CredentialType] { CredentialCatalog.standard.types.filter(\.isListed) }

    func run() async throws {
        if json { return Console.output(json: ["types": .array(types.map(Self.json))]) }
        let prompt = Prompt(isHeadless: false, environment: ProcessInfo.processInfo.environment)
        guard prompt.isPossible, Console.width != nil else { return printTable() }
        let choices = types.map { "\($0.label) — \($0.summary)" }
        let type = types[try prompt.choose("Type", among: choices, remedy: "al creds add <type>", isSearch: true)]
        for line in Self.details(of: type) {
            for part in line.wrapped(to: Console.width ?? .max) { Console.output(part) }
        }
        guard try prompt.confirm("Add one now?", remedy: "al creds add \(type.id)", defaultAnswer: false) else {
            return
        }
        try await CredsAdd.add(CredentialReference(type: type.id))
    }

    private func printTable() {
        var table = TextTable(["TYPE", "FIELDS", "LABEL"])
        for type in types { table.add([type.id, type.fields.map(\.name).joined(separator: " "), type.label]) }
        for line in table.lines(fitting: Console.width) { Console.output(line) }
    }

    /// What a person must know to get a credential and to use it.
    static func details(of type: CredentialType) -> [String] {
        var lines = ["\(type.id): \(type.label)", type.summary]
        if let help = type.help { lines.append(help) }
        for field in type.fields {
            let marks = [field.isSecret ? "secret" : nil, field.isOptional ? "may stay empty" : nil].compactMap(\.self)
            let variables = field.variables.isEmpty ? "" : " → \(field.variables.joined(separator: ", "))"
            lines.append("  \(field.name)\(marks.isEmpty ? "" : " (\(marks.joined(separator: ", ")))")\(variables)")
        }
        if let context = type.context { lines.append("Agents read: \(context)") }
        return lines
    }

    private static func json(_ type: CredentialType) -> JSONValue {
        .object([
            "type": .string(type.id), "label": .string(type.label), "description": .string(type.summary),
            "help": type.help.map(JSONValue.string),
            "fields": .array(
                type.fields.map { field in
                    [
                        "name": .string(field.name), "secret": .bool(field.isSecret),
                        "optional": .bool(field.isOptional),
                        "variables": .array(field.variables.map(JSONValue.string)),
                    ]
                }
            ),
            "context": type.context.map(JSONValue.string),
        ])
    }
}
