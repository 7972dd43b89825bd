import ArgumentParser
import Credentials
import Domain
import Foundation
import Terminal

/// `al creds rm`.
struct CredsRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Remove a stored credential.",
        discussion: """
            It asks first when an agent of the project in this directory uses it, and for gateway_api_key.

            Examples:
              al creds rm github_token:work
              al creds rm github_token --yes
            """
    )

    @Argument(help: ArgumentHelp("type or type:instance", valueName: "ref"))
    var reference: String

    @Flag(name: .long, help: "Do not ask.")
    var yes = false

    func run() async throws {
        // Also one of a type that al does not know, which only its owner can have put there.
        let reference = try CredentialCatalog.standard.reference(reference, ofAnyType: true)
        let instance = reference.instance ?? "default"
        let store = CredentialStore(home: ProjectContext.defaultHome)
        let stored = try store.list()
        guard stored.contains(where: { $0.type == reference.type && $0.instance == instance }) else {
            let names = stored.map { $0.instance == "default" ? $0.type : "\($0.type):\($0.instance)" }
            let near = names.first { $0.hasPrefix(reference.type) }
            throw CredentialError.notFound(
                reference,
                suggestion: Suggestion.nearest(to: reference.description, among: names) ?? near
            )
        }
        if !yes { try confirm(reference, instance, store) }
        try store.delete(type: reference.type, instance: instance)
        Console.output("Removed \(reference)")
    }

    private func confirm(_ reference: CredentialReference, _ instance: String, _ store: CredentialStore) throws {
        let users =
            try ProjectContext.needsOfCurrentDirectory()?.users(in: store)["\(reference.type)/\(instance)"] ?? []
        let reason: String
        if reference.type == CredentialType.gatewayApiKey.id {
            reason = "Dashboard and commands log in with it. "
        } else if !users.isEmpty {
            reason = "Used by \(users.map(\.rawValue).joined(separator: ", ")). "
        } else {
            return
        }
        let prompt = Prompt(isHeadless: false, environment: ProcessInfo.processInfo.environment)
        guard try prompt.confirm("\(reason)Remove \(reference)?", remedy: "--yes", defaultAnswer: false) else {
            throw Failure("Aborted.", code: "aborted")
        }
    }
}
