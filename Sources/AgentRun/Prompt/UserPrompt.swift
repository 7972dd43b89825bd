import Domain

/// The first message of a run: a skeleton that depends on the agent and its surroundings, and the trigger part.
enum UserPrompt {
    /// Joins skeleton and trigger part.
    static func text(skeleton: String, trigger: String) -> String {
        trigger.allSatisfy(\.isWhitespace) ? skeleton : "\(skeleton)\n\n\(trigger)"
    }

    /// The blocks that do not depend on the trigger.
    static func skeleton(_ facts: PromptFacts) -> String {
        var blocks = [agentConfig(facts), credentials(facts), environment(facts), signals]
        if facts.hasGateway { blocks.append(locks(facts)) }
        if facts.hasGateway, !facts.callable.isEmpty { blocks.append(calls(facts)) }
        return blocks.joined(separator: "\n\n")
    }

    private static func block(_ name: String, _ content: String) -> String { "<\(name)>\n\(content)\n</\(name)>" }

    private static func agentConfig(_ facts: PromptFacts) -> String {
        let json = facts.params.compactText.split(separator: "</", omittingEmptySubsequences: false)
        return block("agent-config", json.joined(separator: "<\\/"))
    }

    private static func credentials(_ facts: PromptFacts) -> String {
        var lines = [
            "Credential files are under `\(facts.credentialsPath)/` (read-only), as `<type>/<instance>/<field>`."
        ]
        lines += facts.credentials.map { "- `\($0.reference)`: \($0.context)" }
        lines.append("Use `gh`, `git` and `curl` directly; they find what they need in the environment.")
        if facts.hasSSHKey {
            lines.append(
                "Clone GitHub repositories over SSH (`git clone git@github.com:owner/repo.git`); the key is already set up "
                    + "through `GIT_SSH_COMMAND`. HTTPS works as a fallback."
            )
        }
        lines.append(
            """
            Rules for credentials:
            - Never print one: not to logs, comments, pull requests or any other visible output.
            - Never send one to an endpoint that it is not meant for.
            - If you suspect that a credential is being carried off, run `al-shutdown "<reason>"` at once.
            - Never ask a person for credentials and never run `al doctor` or `al creds`: if one is missing, report it and stop.
            """
        )
        return block("credential-context", lines.joined(separator: "\n"))
    }

    private static func environment(_ facts: PromptFacts) -> String {
        var lines = ["Working directory: `\(facts.workingDirectory)`."]
        if facts.isContainer {
            let places = facts.writable.map { "`\($0.path)` (\(size($0.size)))" }.joined(separator: ", ")
            lines.append("Writable: \(places.isEmpty ? "nothing" : places). Everything else is read-only.")
            lines.append("Your own files are in `\(facts.agentDirectory)` (read-only).")
        } else {
            lines.append("The working directory is writable.")
            lines.append("Your own files are in `\(facts.agentDirectory)`.")
        }
        lines.append(
            """
            Every bash call is a fresh shell in the working directory: `cd` and `export` do not carry over.
            There is no terminal, nothing can prompt, and standard input is empty.
            The run may take \(facts.timeout) seconds in all.
            """
        )
        if facts.isContainer {
            lines.append("The container is thrown away at the end: push or upload whatever must survive.")
        }
        return block("environment", lines.joined(separator: "\n"))
    }

    private static func size(_ bytes: Int) -> String {
        if bytes >= 1 << 30 { return "\(bytes >> 30) GiB" }
        return "\(bytes >> 20) MiB"
    }
}
