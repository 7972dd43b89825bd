import ArgumentParser
import Credentials
import Domain
import Foundation
import Terminal

/// `al creds add`.
struct CredsAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Store a credential, after asking its provider whether it is valid.",
        discussion: """
            Without --stdin and --field it asks for the values. With them it asks nothing. Standard input is the value of a type \
            with one secret, else lines field=value.

            Examples:
              al creds add github_token
              al creds add github_token:work
              echo "$TOKEN" | al creds add github_token --stdin
              al creds add git_ssh --field username=bot --field email=bot@example.org --field id_rsa=@key
            """
    )

    @Argument(help: ArgumentHelp("type or type:instance; al creds types lists the types.", valueName: "ref"))
    var reference: String

    @Flag(name: .long, help: "Read the value, or lines field=value, from standard input.")
    var stdin = false

    @Option(
        name: .long,
        help: ArgumentHelp("A field's value, or @ and the file that holds it. Repeatable.", valueName: "name=value")
    )
    var field: [String] = []

    @Flag(name: .long, help: "Store without asking the provider.")
    var noVerify = false

    func run() async throws {
        let reference = try CredentialCatalog.standard.reference(reference)
        try await Self.add(reference, input: stdin ? try readInput() : nil, fields: field, verifies: !noVerify)
    }

    /// Adds a credential; asks for it when neither standard input nor fields are given.
    static func add(
        _ reference: CredentialReference,
        input: String? = nil,
        fields: [String] = [],
        verifies: Bool = true
    ) async throws {
        let type = try CredentialCatalog.standard.requireType(reference.type)
        let instance = reference.instance ?? "default"
        let store = CredentialStore(home: ProjectContext.defaultHome)
        let asks = input == nil && fields.isEmpty
        let prompt = Prompt(isHeadless: false, environment: ProcessInfo.processInfo.environment)
        let flow = CredentialFlow.interactive(store: store, prompt: prompt, verifies: verifies)
        if try store.exists(type: type.id, instance: instance), !asks || prompt.isPossible {
            Console.error("\(reference) exists and will be replaced.")
        }
        if asks {
            guard try await flow.obtain(type, instance: instance, offersToKeep: false) == .stored else { throw aborted }
        } else {
            let values = try CredentialInput(type: type, fields: fields, standardInput: input).values()
            guard try await flow.save(values, type, instance) else { throw aborted }
        }
        Console.output("Saved \(reference)")
    }

    private static var aborted: Failure { Failure("Aborted.", code: "aborted") }

    private func readInput() throws -> String {
        guard let data = try? Console.input() else {
            throw Failure("Credential error: Cannot read standard input", code: "credential.unreadable")
        }
        return try CredentialInput.text(data, from: "standard input")
    }
}
