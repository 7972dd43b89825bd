package import Domain
import Foundation

extension AgentTemplate {
    /// The files of an agent, by name.
    ///
    /// - Parameters:
    ///   - name: the agent's.
    ///   - values: placeholder → value, each without ``AgentTemplatePlaceholder/problem(with:)``.
    ///   - source: the webhook source that the triggers name.
    ///   - hosts: what a run with a credential of a type has to reach.
    /// - Returns: file name → text.
    package func files(
        for name: AgentName,
        values: [String: String],
        source: String,
        hosts: (_ credentialType: String) -> [String]
    ) -> [String: String] {
        var files = [
            "agent-config.toml": config(values, source, hosts),
            "ACTIONS.md": actions.replacing("{{name}}", with: name.rawValue) + "\n",
        ]
        if needsGitHubCLI { files["Dockerfile"] = Self.dockerfile }
        return files
    }

    /// The values with which the repository's `examples/` are made.
    package var exampleValues: [String: String] {
        Dictionary(uniqueKeysWithValues: placeholders.map { ($0.name, $0.example) })
    }

    private func config(_ values: [String: String], _ source: String, _ hosts: (String) -> [String]) -> String {
        var lines = id == Self.custom.id ? [] : ["description = \(JSONValue.quoted(summary))"]
        lines += ["credentials = [\(credentials.map(JSONValue.quoted).joined(separator: ", "))]"]
        if let schedule {
            lines.append("schedule = \(JSONValue.quoted(schedule))")
        } else if triggers.isEmpty {
            lines += [
                "# Nothing starts it by itself: set schedule = \"0 * * * *\" or add [[webhooks]].",
                "manual = true",
            ]
        }
        if scale != 1 { lines.append("scale = \(scale)") }
        if let timeout { lines.append("timeout = \(timeout)") }
        for trigger in triggers { lines += [""] + table(trigger, values, source) }
        let allowed = credentials.flatMap(hosts)
        if !allowed.isEmpty {
            lines += ["", "# All that its credentials are for; the model and the gateway need no entry.", "[network]"]
            lines += ["allow = ["] + allowed.map { "    \(JSONValue.quoted($0))," } + ["]"]
        }
        if !placeholders.isEmpty {
            lines += ["", "[params]"]
            lines += placeholders.map { "\($0.name) = \($0.toml(values[$0.name] ?? $0.defaultValue ?? ""))" }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func table(_ trigger: AgentTemplateTrigger, _ values: [String: String], _ source: String) -> [String] {
        let list = { (items: [String]) in "[" + items.map(JSONValue.quoted).joined(separator: ", ") + "]" }
        var lines = [
            "[[webhooks]]", "source = \(JSONValue.quoted(source))", "events = \(list(trigger.events))",
            "actions = \(list(trigger.actions))",
        ]
        if let organization = values["org"] { lines.append("orgs = \(list([organization]))") }
        if let label = trigger.label { lines.append("labels = \(list([values[label] ?? ""]))") }
        if trigger.isByAuthor, let author = values["author"] { lines.append("author = \(JSONValue.quoted(author))") }
        return lines
    }

    private static let dockerfile = """
        # The agent's tools: the base image and the gh command of GitHub.
        FROM al-agent:latest
        USER root
        RUN apt-get update \\
            && apt-get install -y --no-install-recommends gh \\
            && rm -rf /var/lib/apt/lists/*
        USER node

        """
}
