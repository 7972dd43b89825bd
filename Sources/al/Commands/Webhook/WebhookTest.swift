import ArgumentParser
import Domain
import Foundation
import Project
import Webhooks

/// `al webhook test`: what a payload would start.
struct WebhookTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Say which triggers a payload matches and which filter says no.",
        discussion: """
            Needs no scheduler; nothing is stored or started. The file is a body, or {"headers":{…},"body":{…}}.

            Example:
              al webhook test dev --file payload.json --source my-github --event issues
              al webhook test --file payload.json
            """
    )

    @Argument(help: "Only this agent.")
    var agent: String?

    @Option(name: .long, help: ArgumentHelp("The payload.", valueName: "payload.json"))
    var file: String

    @Option(name: .long, help: "The source that it comes from; not needed where the project has one only.")
    var source: String?

    @Option(name: .long, help: "The event's name, where the sender writes it into a header.")
    var event: String?

    @Flag(name: .long, help: "One JSON document.")
    var json = false

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let context = try ProjectContext(options)
        if let agent { try context.requireAgent(agent) }
        let project = try context.load()
        let payload = try PayloadFile(path: file)
        let (name, source) = try project.webhookSource(source)
        guard let provider = WebhookRegistry.provider(of: source.type)?.configured(for: source) else { return }
        let request = WebhookRequest(
            headers: WebhookHeaders(headers(for: provider, of: event, adding: payload.headers)),
            body: payload.body,
            receivedAt: Date()
        )
        let found = try self.context(of: request, by: provider)
        let verdicts = Webhooks.verdicts(
            of: project.agents.filter { agent == nil || $0.name.rawValue == agent },
            sources: project.config.webhooks,
            type: source.type,
            hearers: [name],
            context: found ?? [:],
            includesOtherTypes: true
        )
        let omission = project.omission(of: agent, besides: project.fullyKnownAgents)
        let list = found == nil ? [] : verdicts.map(\.json)
        if json {
            let document = JSONValue.object(["context": found, "verdicts": .array(list)])
            return try Failure.printDocument(document, without: omission)
        }
        if !verdicts.isEmpty || omission == nil { show(found, list) }
        if let omission { throw omission }
    }

    /// The headers of the file, else those that the provider would send with the event.
    private func headers(
        for provider: any WebhookProvider,
        of event: String?,
        adding headers: [(name: String, value: String)]
    ) -> [(name: String, value: String)] {
        guard let event, let imitable = provider as? any ImitableProvider else { return headers }
        let delivery = ImitatedDelivery(
            event: ImitatedEvent(event),
            body: [],
            secret: nil,
            id: UUID().uuidString.lowercased(),
            sentAt: Date()
        )
        return headers + (imitable.headers(imitating: delivery) ?? [])
    }

    private func context(of request: WebhookRequest, by provider: any WebhookProvider) throws -> JSONValue? {
        do {
            let payload = try request.payload()
            if provider.event(of: request, payload: payload).isEmpty, namesEventInHeader(provider, payload) {
                throw Failure(
                    "Error: the event's name is unknown: \(provider.type) writes it into a header. Add --event <name>."
                )
            }
            return provider.context(of: request, payload: payload)
        } catch is WebhookPayloadError {
            throw Failure("Error: \(file) is not what a sender sends: the body must be JSON.")
        }
    }

    /// Whether a header would say the event's name, which a body alone does not.
    private func namesEventInHeader(_ provider: any WebhookProvider, _ payload: JSONNode) -> Bool {
        let headers = WebhookHeaders(headers(for: provider, of: "event", adding: []))
        return !provider.event(of: WebhookRequest(headers: headers, body: [], receivedAt: Date()), payload: payload)
            .isEmpty
    }

    private func show(_ context: JSONValue?, _ list: [JSONValue]) {
        guard let context else {
            return Console.output("No context, as of a ping: the delivery would be answered 200 and start nothing.")
        }
        Console.output("Context:\n\(context.prettyText)\n\nVerdicts:")
        let silence = agent.map { "Agent \($0) has no webhook trigger." } ?? "No agent has a webhook trigger."
        Console.output(
            list.isEmpty ? silence : ReceiptText.lines(of: list).joined(separator: "\n")
        )
    }
}

extension LoadedProject {
    /// A source by name; without a name the only one there is.
    ///
    /// - Throws: ``Failure`` that lists the sources.
    func webhookSource(_ name: String?) throws -> (name: String, config: WebhookSourceConfig) {
        let names = config.webhooks.keys.sorted()
        let list = names.isEmpty ? "config.toml defines none" : "Defined: \(names.joined(separator: ", "))"
        guard let name = name ?? (names.count == 1 ? names.first : nil) else {
            throw Failure("Error: Which source? Add --source <name>. \(list).")
        }
        guard let source = config.webhooks[name] else {
            throw Failure("Error: Source \"\(name)\" is not defined in [webhooks]. \(list).")
        }
        return (name, source)
    }
}
