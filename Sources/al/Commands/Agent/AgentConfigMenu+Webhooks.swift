import Credentials
import Domain
import Foundation
import OrderedCollections
import Project
import Terminal
import Webhooks

/// A `[webhooks.<name>]` table that `config.toml` has to get.
struct NewWebhookSource: Hashable {
    let name: String
    let type: String
    /// Instance of the provider's secret; `nil` = unsigned deliveries are accepted.
    let credential: String?

    /// Adds the table to a project's `config.toml`, whose other lines stay.
    func write(to project: String) throws {
        let table = TOMLPath([.key("webhooks"), .key(name)])
        try TOMLFile.edit("\(project)/config.toml", named: "config.toml") { editor in
            try editor.set(table.key("type"), to: .string(type))
            if let credential {
                try editor.set(table.key("credential"), to: .string(credential))
            } else if CredentialCatalog.webhookSecret(of: type) != nil {
                // Without it a source of such a type takes nothing as long as any secret of the type is stored.
                try editor.set(table.key("allowUnsigned"), to: true)
            }
        }
    }

    /// What has to be entered at the provider.
    func payloadURL(_ project: LoadedProject) -> String {
        (project.config.gateway.url ?? "http://<this host>:\(project.config.gateway.port)") + "/webhooks/\(type)"
    }
}

extension AgentConfigMenu {
    /// Adds and removes triggers and sources.
    mutating func editWebhooks() async throws {
        if sources.isEmpty {
            guard
                try prompt.confirm(
                    "No webhook source is defined yet. Make one?",
                    remedy: "al agent config --add-webhook",
                    defaultAnswer: true
                )
            else { return }
            try await addSource()
        }
        while true {
            let lines = draft.webhooks.map(Self.line)
            for line in lines { Console.error("  \(line)") }
            let choices = ["Add a trigger", "Add a source"] + (lines.isEmpty ? [] : ["Remove triggers"]) + ["Back"]
            switch choices[try prompt.choose("Webhooks", among: choices, remedy: "--add-webhook")] {
            case "Add a trigger": try addTrigger()
            case "Add a source": try await addSource()
            case "Remove triggers":
                let gone = try prompt.chooseMany("Remove", among: lines, remedy: "--remove-webhook")
                for index in gone.reversed() { draft.webhooks.remove(at: index) }
            default: return
            }
        }
    }

    /// Name → provider type of the sources that are there or will be.
    private var sources: [String: String] {
        project.config.webhooks.mapValues(\.type).merging(newSources.map { ($0.name, $0.type) }) { $1 }
    }

    private static func line(_ trigger: JSONValue) -> String {
        let filters = (trigger.objectValue ?? [:]).filter { $0.key != "source" }
            .map {
                "\($0.key)=\($0.value.arrayValue?.compactMap(\.stringValue).joined(separator: ",") ?? $0.value.stringValue ?? "")"
            }
        return ([trigger["source"]?.stringValue ?? "?"] + filters).joined(separator: " ")
    }

    private mutating func addTrigger() throws {
        let names = sources.keys.sorted()
        let labels = names.map { "\($0) (\(sources[$0] ?? ""))" }
        let name = names[try prompt.choose("Source", among: labels, remedy: "--add-webhook")]
        var trigger: JSONValue = ["source": .string(name)]
        for definition in WebhookRegistry.provider(of: sources[name] ?? "")?.filters ?? [] {
            let answer = try prompt.text(
                "\(definition.key) (\(definition.kind == .text ? "one" : "commas between"), empty = all)",
                remedy: "--add-webhook"
            )
            if let value = AgentConfigRules.filter(definition, answer) { trigger[definition.key] = value }
        }
        draft.webhooks.append(trigger)
    }

    private mutating func addSource() async throws {
        let taken = Set(sources.keys)
        let types = WebhookRegistry.types
        let type = types[try prompt.choose("Provider", among: types, remedy: "config.toml")]
        let name = try prompt.text(
            "Source name",
            remedy: "config.toml",
            defaultAnswer: taken.contains(type) ? nil : type
        ) {
            $0.isEmpty ? "It must not be empty." : taken.contains($0) ? "It exists already." : nil
        }
        newSources.append(NewWebhookSource(name: name, type: type, credential: try await chooseSecret(of: type)))
    }

    /// An instance that is stored, one that is stored now, or none.
    private func chooseSecret(of provider: String) async throws -> String? {
        guard let secret = CredentialCatalog.webhookSecret(of: provider) else { return nil }
        let instances = try store.instances(of: secret.type)
        let choices =
            instances.map { "Use \(secret.type):\($0)" } + ["Store a new secret", "None: accept unsigned deliveries"]
        let choice = try prompt.choose("Secret", among: choices, remedy: "al creds add \(secret.type)")
        if choice < instances.count { return instances[choice] }
        guard choice == instances.count else { return nil }
        let instance = try prompt.text("Instance name", remedy: "al creds add", defaultAnswer: "default") {
            CredentialName.isInstance($0) ? nil : "Letters, digits, '.', '_' and '-'."
        }
        let flow = CredentialFlow.interactive(store: store, prompt: prompt, verifies: true)
        let outcome = try await flow.obtain(try CredentialCatalog.standard.requireType(secret.type), instance: instance)
        guard outcome != .declined else { throw PromptError.cancelled }
        return instance
    }
}
