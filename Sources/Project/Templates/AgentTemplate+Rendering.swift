package import Domain
import Foundation

extension AgentTemplate {
    /// The files of an agent, by name.
    ///
    /// - Parameters:
    ///   - name: the agent's.
    ///   - values: placeholder → value, each without ``AgentTemplatePlaceholder/problem(with:)``.
    ///   - source: the webhook source that the triggers name.
    /// - Returns: file name → text.
    package func files(for name: AgentName, values: [String: String], source: String) -> [String: String] {
        var files = [
            "agent-config.toml": config(values, source),
            "ACTIONS.md": actions.replacing("{{name}}", with: name.rawValue) + "\n",
        ]
        if needsGitHubCLI { files["Dockerfile"] = Self.dockerfile }
        return files
    }

    /// The values with which the repository's `examples/` are made.
    package var exampleValues: [String: String] {
        Dictionary(uniqueKeysWithValues: placeholders.map { ($0.name, $0.example) })
    }

    private func config(_ values: [String: String], _ source: String) -> String {
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
        let hosts = credentials.flatMap { Self.hosts[$0] ?? [] }
        if !hosts.isEmpty {
            let list = hosts.map(JSONValue.quoted).joined(separator: ", ")
            lines += [
                "", "# All that its credentials are for, once network control is wanted:", "# [network]",
                "# allow = [\(list)]",
            ]
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

    /// What a run with these credentials has to reach.
    private static let hosts: [String: [String]] = [
        "github_token": [
            "api.github.com", "github.com", "uploads.github.com", "codeload.github.com", "*.githubusercontent.com",
        ],
        "git_ssh": ["github.com:22", "ssh.github.com:443"],
        "sentry_token": ["sentry.io", "*.sentry.io"],
        "reddit_oauth": ["www.reddit.com", "oauth.reddit.com"],
    ]

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
