import Domain
import Foundation
import Project
import Terminal

/// Asks which agent shall be made; every question has a flag.
struct AgentTemplateQuestions {
    let prompt: Prompt
    let project: LoadedProject
    /// `--yes`.
    let asksNothing: Bool

    /// Asks for the template.
    func template() throws -> AgentTemplate {
        let labels = AgentTemplate.all.map { "\($0.id) — \($0.summary)" }
        return AgentTemplate.all[try prompt.choose("Template", among: labels, remedy: "--template")]
    }

    /// Reads `--template`.
    static func template(_ id: String) throws -> AgentTemplate {
        if let template = AgentTemplate.named(id) { return template }
        let known = AgentTemplate.all.map(\.id)
        let hint = Suggestion.nearest(to: id, among: known).map { " — did you mean \($0)?" } ?? "."
        throw Failure("Error: unknown template `\(id)`\(hint) Known: \(known.joined(separator: ", "))", code: "usage")
    }

    /// The agent's name: as given, the template's, or asked for.
    func name(_ given: String?, _ template: AgentTemplate) throws -> AgentName {
        let taken = Set(project.agentDirectories)
        let problem: @Sendable (String) -> String? = { text in
            if taken.contains(text) { return "An agent of that name exists already." }
            do throws(AgentNameError) {
                _ = try AgentName(text)
                return nil
            } catch {
                switch error {
                case .reserved: return "`default` is reserved."
                case .malformed: return "Use 1–63 of a–z, 0–9 and -, starting and ending with a letter or digit."
                }
            }
        }
        let proposal = template.id == "custom" ? nil : template.id
        let text: String
        if let given {
            text = given
        } else if asksNothing, let proposal {
            text = proposal
        } else {
            let free = proposal.flatMap { taken.contains($0) ? nil : $0 }
            text = try prompt.text("Agent name", remedy: "--name", defaultAnswer: free, problem: problem)
        }
        if let problem = problem(text) { throw Failure("Error: --name \(text): \(problem)", code: "agent.bad-name") }
        return try AgentName(text)
    }

    /// Reads `--set`.
    static func values(_ pairs: [String], _ template: AgentTemplate) throws -> [String: String] {
        var values: [String: String] = [:]
        let known = template.placeholders.map(\.name)
        for pair in pairs {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, let placeholder = template.placeholders.first(where: { $0.name == parts[0] }) else {
                let near = Suggestion.nearest(to: parts[0], among: known).map { " — did you mean \($0)?" } ?? ""
                let list = known.isEmpty ? "none" : known.joined(separator: ", ")
                throw Failure("Error: --set \(pair)\(near) Parameters of \(template.id): \(list).", code: "usage")
            }
            if let problem = placeholder.problem(with: parts[1]) {
                throw Failure("Error: --set \(pair): \(problem)", code: "usage")
            }
            values[parts[0]] = parts[1]
        }
        return values
    }

    /// The values of all placeholders: as given, the default, or asked for.
    func values(of template: AgentTemplate, given: [String: String]) throws -> [String: String] {
        var values = given
        for placeholder in template.placeholders where values[placeholder.name] == nil {
            if asksNothing, let value = placeholder.defaultValue {
                values[placeholder.name] = value
                continue
            }
            values[placeholder.name] = try prompt.text(
                placeholder.question,
                remedy: "--set \(placeholder.name)=…",
                defaultAnswer: placeholder.defaultValue,
                problem: placeholder.problem
            )
        }
        return values
    }
}

/// Which webhook source the triggers of a new agent name.
struct WebhookSourceChoice {
    let project: LoadedProject
    /// `--source`.
    let wanted: String?

    /// The source for triggers of a provider type; `missingType` when it has to be made.
    func name(for type: String?) throws -> (name: String, missingType: String?) {
        guard let type else { return ("", nil) }
        let sources = project.config.webhooks
        if let wanted {
            guard let source = sources[wanted] else { return (wanted, type) }
            guard source.type == type else {
                throw Failure(
                    "Configuration error: [webhooks.\(wanted)] is of type \(source.type); the template needs \(type)",
                    code: "webhook.unknown-source"
                )
            }
            return (wanted, nil)
        }
        if let first = sources.filter({ $0.value.type == type }).keys.sorted().first { return (first, nil) }
        return sources[type] == nil ? (type, type) : ("\(type)-agents", type)
    }
}
