import ArgumentParser
import Credentials
import Domain
import Foundation
import OrderedCollections
import Project
import Webhooks

/// Changes of an agent that come without questions.
struct AgentChangeOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Add a credential. Repeatable.", valueName: "ref"))
    var addCredential: [String] = []

    @Option(name: .long, help: ArgumentHelp("Remove a credential. Repeatable.", valueName: "ref"))
    var removeCredential: [String] = []

    @Option(name: .long, help: ArgumentHelp("The cron expression; empty removes it.", valueName: "cron"))
    var schedule: String?

    @Option(name: .long, help: ArgumentHelp("The provider of the agent's own model.", valueName: "name"))
    var provider: String?

    @Option(name: .long, help: ArgumentHelp("The id of the agent's own model.", valueName: "id"))
    var model: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The server's URL, with --provider custom or in the provider's place.", valueName: "url")
    )
    var baseUrl: String?

    @Option(name: .long, help: ArgumentHelp("off, minimal, low, medium, high or xhigh.", valueName: "level"))
    var thinking: String?

    @Flag(name: .long, help: "Use the project's model.")
    var inheritModel = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Add a trigger: the source, then filters with commas. Repeatable.",
            valueName: "source;key=a,b"
        )
    )
    var addWebhook: [String] = []

    @Option(name: .long, help: ArgumentHelp("Remove a trigger by its number, from 1. Repeatable.", valueName: "n"))
    var removeWebhook: [Int] = []

    @Option(
        name: .long,
        help: ArgumentHelp("Set a parameter; the value is TOML or text. Repeatable.", valueName: "key=value")
    )
    var set: [String] = []

    @Option(name: .long, help: ArgumentHelp("Remove a parameter. Repeatable.", valueName: "key"))
    var unset: [String] = []

    /// Whether nothing is to be changed.
    var isEmpty: Bool {
        addCredential.isEmpty && removeCredential.isEmpty && schedule == nil && provider == nil && model == nil
            && baseUrl == nil && thinking == nil && !inheritModel && addWebhook.isEmpty && removeWebhook.isEmpty
            && set.isEmpty && unset.isEmpty
    }

    /// Changes a draft; nothing is written.
    ///
    /// - Throws: ``Failure`` and ``CredentialError`` for the first value that will not do.
    func apply(to draft: inout AgentDraft, project: LoadedProject) throws {
        try changeCredentials(&draft)
        if let schedule { draft.schedule = try AgentConfigRules.schedule(schedule) }
        try changeModel(&draft)
        try changeWebhooks(&draft, project)
        for pair in set {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw Failure("Error: --set \(pair): write key=value", code: "usage")
            }
            draft.params[parts[0]] = AgentDraft.value(typed: parts[1])
        }
        for key in unset { draft.params.removeValue(forKey: key) }
    }

    private func changeCredentials(_ draft: inout AgentDraft) throws {
        for text in addCredential {
            let reference = try CredentialCatalog.standard.reference(text)
            try AgentConfigRules.requireGrantable(reference)
            guard !draft.credentials.contains(where: { $0.credentialText == text }) else { continue }
            draft.credentials.append(.string(text))
        }
        for text in removeCredential { draft.credentials.removeAll { $0.credentialText == text } }
    }

    private func changeModel(_ draft: inout AgentDraft) throws {
        if inheritModel { draft.model = nil }
        guard provider != nil || model != nil || baseUrl != nil || thinking != nil else { return }
        var table = draft.model ?? .object(OrderedDictionary())
        if let provider {
            let chosen = JSONValue.string(try ModelQuestions.provider(named: provider).rawValue)
            // What belongs to another provider's model, such as the server that gets the key, is no help for this one.
            if table["provider"] != chosen { table = .object(OrderedDictionary()) }
            table["provider"] = chosen
        }
        if let model { table["model"] = .string(model) }
        if let baseUrl {
            if let problem = ModelQuestions.problem(withBaseURL: baseUrl) {
                throw Failure("Error: --base-url: \(problem)", code: "usage")
            }
            table["baseUrl"] = .string(baseUrl)
        }
        if let thinking {
            guard ThinkingLevel(rawValue: thinking) != nil else {
                let levels = ThinkingLevel.allCases.map(\.rawValue).joined(separator: ", ")
                throw Failure("Error: --thinking \(thinking) is unknown (\(levels))", code: "usage")
            }
            table["thinkingLevel"] = .string(thinking)
        }
        guard table["provider"] != nil, table["model"] != nil else {
            throw Failure("Error: a model of the agent's own needs --provider and --model", code: "usage")
        }
        if table["authType"] == nil, table["provider"] != "scripted" { table["authType"] = "api_key" }
        draft.model = table
    }

    private func changeWebhooks(_ draft: inout AgentDraft, _ project: LoadedProject) throws {
        for number in Set(removeWebhook).sorted(by: >) {
            guard (1...max(1, draft.webhooks.count)).contains(number), !draft.webhooks.isEmpty else {
                throw Failure("Error: there is no trigger \(number)", code: "usage")
            }
            draft.webhooks.remove(at: number - 1)
        }
        for text in addWebhook { draft.webhooks.append(try trigger(text, project)) }
    }

    private func trigger(_ text: String, _ project: LoadedProject) throws -> JSONValue {
        let parts = text.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
        let known = project.config.webhooks.keys.sorted()
        guard let name = parts.first, let source = project.config.webhooks[name] else {
            let list = known.isEmpty ? "none" : known.joined(separator: ", ")
            throw Failure(
                "Configuration error: source `\(parts.first ?? "")` is not defined in [webhooks]. Defined: \(list)",
                code: "webhook.unknown-source"
            )
        }
        let filters = WebhookRegistry.provider(of: source.type)?.filters ?? []
        var trigger: JSONValue = ["source": .string(name)]
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard pair.count == 2, let definition = filters.first(where: { $0.key == pair[0] }) else {
                let legal = filters.map(\.key).joined(separator: ", ")
                throw Failure(
                    "Configuration error: `\(part)` is not a filter of \(source.type) (\(legal))",
                    code: "config.illegal-key"
                )
            }
            trigger[pair[0]] = AgentConfigRules.filter(definition, pair[1])
        }
        return trigger
    }
}
