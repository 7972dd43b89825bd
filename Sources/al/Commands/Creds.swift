import ArgumentParser
import Credentials
import Domain
import Foundation
import OrderedCollections
import Terminal

/// `al creds`: the credential store.
struct Creds: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, add and remove stored credentials.",
        discussion: "Example:\n  al creds add github_token\n  echo \"$TOKEN\" | al creds add github_token --stdin",
        subcommands: [List.self, Add.self, Remove.self, Types.self]
    )

    /// `al creds ls`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List what is stored; values are never shown.",
            aliases: ["list"]
        )

        @Flag(name: .long, help: "One JSON document.")
        var json = false

        func run() async throws {
            let store = CredentialStore(home: ProjectContext.defaultHome)
            let stored = try store.list()
            if json {
                let entries = stored.map { entry -> JSONValue in
                    [
                        "type": .string(entry.type), "instance": .string(entry.instance),
                        "fields": .array(entry.fields.map(JSONValue.string)),
                    ]
                }
                return Console.output(JSONValue.object(["credentials": .array(entries)]).prettyText)
            }
            guard !stored.isEmpty else {
                return Console.output("No credentials in \(ProjectContext.defaultHome)/credentials.")
            }
            var type = ""
            for entry in stored {
                if entry.type != type {
                    type = entry.type
                    Console.output("\n  \(CredentialCatalog.standard.type(type)?.label ?? type) (\(type))")
                }
                let reference = entry.instance == "default" ? type : "\(type):\(entry.instance)"
                Console.output("    \(reference)  (\(entry.fields.joined(separator: ", ")))")
            }
        }
    }

    /// `al creds add`.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add",
            abstract: "Store a credential.",
            discussion: """
                Example:
                  al creds add github_token
                  echo "$TOKEN" | al creds add github_token --stdin
                  printf 'username=bot\\nemail=bot@example.org\\n' | al creds add git_ssh --stdin
                """
        )

        @Argument(help: ArgumentHelp("type or type:instance", valueName: "ref"))
        var reference: String

        @Flag(name: .long, help: "Read the value, or lines field=value, from standard input.")
        var stdin = false

        func run() async throws {
            let reference = try CredentialCatalog.standard.reference(reference)
            let type = try CredentialCatalog.standard.requireType(reference.type)
            let instance = reference.instance ?? "default"
            let store = CredentialStore(home: ProjectContext.defaultHome)
            if try store.read(type: type.id, instance: instance) != nil {
                Console.error("\(reference) exists and will be replaced.")
            }
            let values = stdin ? try readFields(of: type) : try askFields(of: type)
            for field in type.fields where !field.isOptional && (values[field.name] ?? "").isEmpty {
                throw Failure("Credential error: \(reference): field \"\(field.name)\" is missing. Nothing was saved.")
            }
            try store.write(type: type.id, instance: instance, fields: values.filter { !$0.value.isEmpty })
            Console.output("Saved \(reference)")
        }

        private func readFields(of type: CredentialType) throws -> [String: String] {
            let text = String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self)
            if type.fields.count == 1, let field = type.fields.first {
                return [field.name: text.trimmingCharacters(in: .whitespacesAndNewlines)]
            }
            var values: [String: String] = [:]
            for line in text.split(separator: "\n") {
                let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
                guard parts.count == 2, type.field(parts[0]) != nil else {
                    let names = type.fields.map(\.name).joined(separator: ", ")
                    throw Failure("Credential error: standard input must hold lines field=value with: \(names).")
                }
                values[parts[0]] = parts[1]
            }
            return values
        }

        private func askFields(of type: CredentialType) throws -> [String: String] {
            let prompt = Prompt(isHeadless: false, environment: ProcessInfo.processInfo.environment)
            if prompt.isPossible { Console.error("\(type.label)\(type.help.map { "\n\($0)" } ?? "")") }
            var values: [String: String] = [:]
            for field in type.fields {
                let question = field.name + (field.isOptional ? " (may stay empty)" : "")
                values[field.name] =
                    field.isSecret
                    ? try prompt.secret(question, remedy: "--stdin") : try prompt.text(question, remedy: "--stdin")
            }
            return values
        }
    }

    /// `al creds rm`.
    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "rm", abstract: "Remove a stored credential.")

        @Argument(help: ArgumentHelp("type or type:instance", valueName: "ref"))
        var reference: String

        @Flag(name: .long, help: "Do not ask.")
        var yes = false

        func run() async throws {
            let reference = try CredentialCatalog.standard.reference(reference)
            let instance = reference.instance ?? "default"
            let store = CredentialStore(home: ProjectContext.defaultHome)
            guard try store.read(type: reference.type, instance: instance) != nil else {
                throw Failure("Credential error: No credential \(reference). See: al creds ls")
            }
            if !yes {
                let prompt = Prompt(isHeadless: false, environment: ProcessInfo.processInfo.environment)
                guard try prompt.confirm("Remove \(reference)?", remedy: "--yes", defaultAnswer: false) else {
                    throw Failure("Aborted.")
                }
            }
            try store.delete(type: reference.type, instance: instance)
            Console.output("Removed \(reference)")
        }
    }

    /// `al creds types`.
    struct Types: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "types", abstract: "List the known types.")

        func run() async throws {
            var table = TextTable(["TYPE", "FIELDS", "LABEL"])
            for type in CredentialCatalog.standard.types where type.isListed {
                table.add([type.id, type.fields.map(\.name).joined(separator: " "), type.label])
            }
            for line in table.lines { Console.output(line) }
        }
    }
}
