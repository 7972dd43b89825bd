import AgentRun
import Credentials
import Domain
import Foundation
import Project

/// What the model of a chat is told beforehand.
struct ChatInstructions {
    /// Longer notes of a project are cut.
    private static let notesLimit = 64_000

    let subject: ChatSubject
    let context: ProjectContext
    let hasGateway: Bool
    /// What the agent's credentials give, a line each.
    let credentials: [String]

    /// The system text.
    var text: String {
        switch subject {
        case .project(let project): project.agentDirectories.isEmpty ? firstAgent : self.project(project)
        case .agent(let agent): self.agent(agent)
        }
    }

    // MARK: Project

    private func project(_ project: LoadedProject) -> String {
        let agents = project.agents.map { agent in
            let schedule = agent.schedule.map { "schedule=\($0)" } ?? agent.triggerLabel
            return "- \(agent.name): \(schedule)" + (agent.description.map { " — \($0)" } ?? "")
        }
        return """
            \(Self.role)

            The agents of this project:
            \(agents.joined(separator: "\n"))

            \(Self.format)
            \(notes)
            """
    }

    private var firstAgent: String {
        let templates = AgentTemplate.all.map { "- \($0.id): \($0.summary)" }
        return """
            \(Self.role)

            The project has no agents yet. Help to make the first one: ask what it shall do and what shall start it; then make it from a \
            template that fits, with `al agent new --template <id> --name <name> --set <key>=<value> --yes`, or write its files. Copy \
            the instructions of a template whole and adapt `[params]`. Leave `[model]` out, so that the project's model is used. Write a \
            `Dockerfile` beside them only if tools are missing. At the end say to run `al doctor`.

            Templates:
            \(templates.joined(separator: "\n"))

            \(Self.format)
            \(notes)
            """
    }

    private static let role = """
        You help a person with a project of `al`, which runs autonomous agents: each is started by a schedule, a webhook, another agent or \
        by hand, runs once in isolation, and ends. The working directory is the project. You work on the person's own machine, without \
        isolation: say what you are about to do before you change or delete anything, and change only what was asked for. Never ask for a \
        secret and never write one into a file: `al creds add <type>` takes it. Answer shortly.
        """

    private static let format = """
        How a project is made:
        - `config.toml`: `[model]` (`provider`, `model`, `thinkingLevel`), `[webhooks.<name>]` (`type` such as `github`, `credential`), \
        `[local]`, `[gateway]`, `[limits]`, `timezone`, `initialRun`.
        - `agents/<name>/agent-config.toml` makes a directory an agent; the name is of a–z, 0–9 and `-`. Keys: `description`, \
        `credentials = ["github_token"]` (types: `al creds types`), `schedule` (cron, five fields, or six with seconds), `manual = true` \
        where nothing else starts it, `timeout` in seconds, `scale`, `[params]` (values for its instructions), `[model]`, \
        `[[webhooks]]` with `source` and filters such as `events`, `actions`, `labels`, `repos`.
        - `agents/<name>/ACTIONS.md`: its instructions, written to the agent: what to do, step by step, with which tools, how to end. \
        It works alone; nobody answers questions. It has `bash`, `read`, `edit`, `write`, `grep`, `find`, `ls`, and in its shell `al-status`, \
        `al-call`, `al-return`, `al-exit`, `al-rerun`, `rlock` and `runlock`.
        - `agents/<name>/Dockerfile`: only where its image needs more than git, curl, jq and ssh.
        - An agent needs at least one of `schedule`, `[[webhooks]]`, `manual`.

        After each change run `al doctor --check-only` and mend what it reports. Also useful: `al config show --agent <name>`, \
        `al next`, `al why <agent>`, `al logs <agent>`, `al webhook test <agent> --file payload.json`.
        """

    /// The project's own notes, if it has any.
    private var notes: String {
        guard let text = try? String(contentsOfFile: "\(context.directory)/AGENTS.md", encoding: .utf8) else {
            return ""
        }
        return "\nNotes of the project (`AGENTS.md`):\n\n" + text.prefix(Self.notesLimit)
    }

    // MARK: Agent

    private func agent(_ agent: AgentConfig) -> String {
        ChatPrompt.text(
            agent: agent.name.rawValue,
            setting: """
                The working directory is the agent's. You work on the person's own machine, without isolation, with the agent's \
                credentials.\(hasGateway ? "" : " No scheduler runs: locks, calls and signals have no effect.")
                """,
            credentials: credentials,
            params: agent.params,
            instructions: agent.instructions
        )
    }
}
