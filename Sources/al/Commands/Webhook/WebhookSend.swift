import ArgumentParser
import Credentials
import Domain
import Foundation
import OrderedCollections
import Project
import Webhooks

/// `al webhook send`: a realistic delivery, signed like the provider's.
struct WebhookSend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send a realistic event to the local gateway, signed with the source's secret.",
        discussion: """
            These events have a body of their own, with any action; others get a general one:
            \(samples)

            Values of --set are TOML; a text that is none is taken as it is. The key is a path with dots.

            Example:
              al webhook send my-github issues.opened --set issue.number=7 --set issue.title="Broken"
              al webhook send my-github push --file payload.json
            """
    )

    /// A line for each type whose events differ.
    private static var samples: String {
        WebhookRegistry.all.compactMap { provider in
            guard let imitable = provider as? any ImitableProvider, !imitable.sampleEvents.isEmpty else { return nil }
            return "  \(provider.type): \(imitable.sampleEvents.joined(separator: ", "))"
        }
        .joined(separator: "\n")
    }

    @Argument(help: "A source of config.toml.")
    var source: String

    @Argument(help: "The event, such as issues or issues.opened.", transform: GivenText.notEmpty)
    var event: String

    @Option(name: .long, help: ArgumentHelp("The body to send instead of a built-in one.", valueName: "payload.json"))
    var file: String?

    @Option(name: .customLong("set"), help: ArgumentHelp("Change a field of the body.", valueName: "key=value"))
    var changes: [String] = []

    @Flag(name: .long, help: "One JSON document.")
    var json = false

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let context = try ProjectContext(options)
        let project = try context.load()
        let (name, config) = try project.webhookSource(source)
        let imitated = ImitatedEvent(event)
        guard let provider = WebhookRegistry.provider(of: config.type)?.configured(for: config) as? any ImitableProvider
        else {
            throw Failure(
                "Error: deliveries of \(config.type) cannot be made here: only the sender has the key that signs them. "
                    + "Try a payload with: al webhook test --source \(name) --file <payload.json>"
            )
        }
        if file == nil, !provider.hasOwnSample(of: imitated) { warn(of: provider) }
        let id = UUID().uuidString.lowercased()
        let delivery = ImitatedDelivery(
            event: imitated,
            body: try body(of: imitated, by: provider, id: id),
            secret: try secret(of: name, config, for: provider, in: context.store),
            id: id,
            sentAt: Date()
        )
        guard let headers = provider.headers(imitating: delivery) else {
            throw Failure("Error: the secret of [webhooks.\(name)] cannot sign: after whsec_ it must be base64.")
        }
        let path = "/webhooks/\(config.type)/\(name.percentEncoded)"
        let answer = try await context.gatewayClient().deliver(path, headers: headers, body: delivery.body)
        show(answer, to: name)
        guard answer.status == 200 else {
            if [401, 404].contains(answer.status) { try explainRefusal(by: name, of: project, context) }
            throw Failure.silent(1)
        }
    }

    /// A source that nobody signs for is refused like one that does not exist.
    private func explainRefusal(by name: String, of project: LoadedProject, _ context: ProjectContext) throws {
        let sources = try context.unsignedSources(of: project, isExposed: true)
        for source in sources where source.name == name && source.isRefused { Console.error("\(source)") }
    }

    /// Says that the body will not be the sender's, which is mostly a slip in the event's name.
    private func warn(of provider: any ImitableProvider) {
        let known = provider.sampleEvents
        let names = known.map { ImitatedEvent($0).name }
        let near = Suggestion.nearest(to: event, among: known + names).map { " Did you mean \($0)?" } ?? ""
        Console.error(
            "Warning: \"\(event)\" has no body of its own, so a general one is sent.\(near) "
                + "Events of \(provider.type) that have one: \(known.joined(separator: ", "))."
        )
    }

    private func body(of event: ImitatedEvent, by provider: any ImitableProvider, id: String) throws -> [UInt8] {
        guard !changes.isEmpty || file == nil else { return try PayloadFile(path: file ?? "").body }
        var body = provider.sample(of: event, id: id)
        if let file {
            do {
                body = try JSONValue(parsing: PayloadFile(path: file).body)
            } catch let error as JSONError {
                throw Failure("Error: \(file): \(error)")
            }
        }
        for change in changes { try BodyChange(change).apply(to: &body) }
        return Array(body.compactText.utf8)
    }

    /// The source's own secret, else the first stored one that its deliveries may be signed with; `nil` = unsigned.
    private func secret(
        of name: String,
        _ config: WebhookSourceConfig,
        for provider: any WebhookProvider,
        in store: CredentialStore
    ) throws -> String? {
        guard let type = provider.secretType else { return nil }
        let stored = try store.webhookSecrets(of: type, named: config.credential.map { [$0] })
        guard let instance = config.credential else { return stored.secrets.min { $0.key < $1.key }?.value }
        if let error = stored.unreadable[instance] { throw error }
        guard let secret = stored.secrets[instance] else {
            throw Failure(
                "Error: the secret of [webhooks.\(name)] is not stored. Add it with: al creds add \(type):\(instance)"
            )
        }
        return secret
    }

    private func show(_ answer: (status: Int, body: String), to name: String) {
        guard !json else {
            // An answer that is no JSON came from something else than a gateway and is shown as text.
            let body = (try? JSONValue(parsing: answer.body)) ?? .string(answer.body)
            return Console.output(json: ["status": .int(answer.status), "answer": body])
        }
        Console.output("\(event) → \(name): \(answer.status) \(answer.body)")
    }
}
