import Credentials
import Domain
import Foundation
import OrderedCollections
import Project
import Terminal

/// The menu of `al agent config`: sections until done; Esc inside of a section goes back to the menu.
struct AgentConfigMenu {
    /// What was changed so far; nothing is written.
    var draft: AgentDraft
    /// Sources that `config.toml` has to get.
    var newSources: [NewWebhookSource] = []
    let agent: String
    let project: LoadedProject
    let prompt: Prompt
    let store: CredentialStore

    init(draft: AgentDraft, agent: String, project: LoadedProject, prompt: Prompt, store: CredentialStore) {
        self.draft = draft
        self.agent = agent
        self.project = project
        self.prompt = prompt
        self.store = store
    }

    /// Names what answers the questions without a terminal.
    static let remedy = "options such as --schedule or --set (al agent config --help)"

    /// Asks until the person is done.
    ///
    /// - Throws: `PromptError.cancelled` when the person leaves without saving.
    mutating func run() async throws {
        var position = 0
        while true {
            position = try prompt.choose(
                "Agent \(agent)",
                among: sections,
                remedy: Self.remedy,
                defaultIndex: position
            )
            guard position < 5 else { return }
            do {
                try await open(position)
            } catch PromptError.cancelled {
                // Back to the menu.
                continue
            }
        }
    }

    private var sections: [String] {
        let model = draft.model?["provider"]?.stringValue ?? "inherited"
        return [
            "Credentials [\(draft.credentials.count) configured]", "Model [\(model)]",
            "Schedule [\(draft.schedule ?? "none")]", "Webhooks [\(draft.webhooks.count) triggers]",
            "Params [\(draft.params.count) keys]", draft.isChanged || !newSources.isEmpty ? "Done: save" : "Done",
        ]
    }

    private mutating func open(_ section: Int) async throws {
        switch section {
        case 0:
            try chooseCredentials()
            try await offerSentryParameters()
        case 1: try chooseModel()
        case 2: try askSchedule()
        case 3: try await editWebhooks()
        default: try editParams()
        }
    }

    private mutating func chooseCredentials() throws {
        let current = draft.credentials
        var references = current.compactMap(\.credentialText)
        for type in AgentConfigRules.grantableTypes {
            references.append(type.id)
            references += try store.instances(of: type.id).filter { $0 != "default" && $0 != agent }
                .map { "\(type.id):\($0)" }
        }
        var seen: Set<String> = []
        references = references.filter { seen.insert($0).inserted }
        let labels = references.map { reference in
            let type = CredentialReference(reference).flatMap { CredentialCatalog.standard.type($0.type) }
            return "\(reference) — \(type?.label ?? "unknown type")"
        }
        let chosen = Set(
            references.indices.filter { index in current.contains { $0.credentialText == references[index] } }
        )
        let answer = try prompt.chooseMany("Credentials", among: labels, remedy: "--add-credential", chosen: chosen)
        let wanted = answer.map { references[$0] }
        let kept = current.filter { entry in entry.credentialText.map(wanted.contains) ?? false }
        let added = wanted.filter { text in !current.contains { $0.credentialText == text } }
        let result = kept + added.map(JSONValue.string)
        if result != current { draft.credentials = result }
    }

    /// With a token of Sentry and no word about what to look at, what the token may see is offered.
    private mutating func offerSentryParameters() async throws {
        let hasToken = draft.credentials.contains { $0.credentialText == CredentialType.sentryToken.id }
        guard hasToken, draft.params["sentryOrg"] == nil, let name = try? AgentName(agent),
            try prompt.confirm(
                "Look up what Sentry has for [params]?",
                remedy: "--set sentryOrg=…",
                defaultAnswer: true
            )
        else { return }
        let flow = CredentialFlow.interactive(store: store, prompt: prompt, verifies: true)
        let found = try await SentryQuestions(flow: flow).parameters(for: name)
        for (key, value) in found ?? [] { draft.params[key] = value }
        if found == nil { Console.error("Sentry did not answer, or no token is stored; nothing was set.") }
    }

    private mutating func askSchedule() throws {
        let text = try prompt.text(
            "Cron expression (- = none)",
            remedy: "--schedule",
            defaultAnswer: draft.schedule,
            problem: { $0 == "-" ? nil : AgentConfigRules.problem(withSchedule: $0) }
        )
        let schedule = text == "-" || text.isEmpty ? nil : text
        if schedule != draft.schedule { draft.schedule = schedule }
        guard let schedule else { return }
        let config = project.agents.first { $0.name.rawValue == agent }
        let zone =
            (config?.timezone ?? project.config.timezone).flatMap(TimeZone.init(identifier:))
            ?? ProcessZone.current.zone
        let fires = try CronSchedule(schedule).nextFires(3, after: Date(), in: zone)
        if fires.isEmpty { Console.error("  next: never") }
        for fire in fires { Console.error("  next: \(fire.clockText(in: zone)) \(zone.identifier)") }
    }

    private mutating func editParams() throws {
        while true {
            let keys = Array(draft.params.keys)
            let lines = keys.map { "\($0) = \(draft.params[$0]?.compactText ?? "")" }
            let choice = try prompt.choose("Params", among: lines + ["Add…", "Back"], remedy: "--set")
            guard choice <= keys.count else { return }
            guard choice < keys.count else {
                let taken = Set(keys)
                let key = try prompt.text("Key", remedy: "--set") {
                    $0.isEmpty ? "It must not be empty." : taken.contains($0) ? "It exists already." : nil
                }
                draft.params[key] = AgentDraft.value(typed: try prompt.text("Value", remedy: "--set"))
                continue
            }
            let key = keys[choice]
            guard try prompt.choose(lines[choice], among: ["Change", "Remove"], remedy: "--set or --unset") == 0 else {
                draft.params.removeValue(forKey: key)
                continue
            }
            let old = draft.params[key]?.compactText
            let typed = try prompt.text("Value", remedy: "--set", defaultAnswer: old)
            if typed != old { draft.params[key] = AgentDraft.value(typed: typed) }
        }
    }
}
