import ArgumentParser
import Credentials
import Domain
import Foundation
import Project
import Terminal

/// `al agent config`.
struct AgentConfigure: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Change an agent's credentials, model, schedule, webhooks and parameters.",
        discussion: """
            Without options it is a menu; Esc leaves without a change. With options it asks nothing. Comments and order of the \
            file stay.

            Examples:
              al agent config dev
              al agent config dev --schedule "0 7 * * 1-5" --set triggerLabel=ready
              al agent config dev --add-webhook "github;events=issues;labels=bug"
              al agent config dev --provider openai --model gpt-4o
              al agent config dev --provider custom --base-url http://localhost:11434/v1 --model qwen3:8b
            """
    )

    @Argument(help: "The agent.")
    var name: String

    @OptionGroup var changes: AgentChangeOptions

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let context = try ProjectContext(options)
        let project = try context.load()
        guard let file = project.configFile(of: name) else {
            let near = Suggestion.nearest(to: name, among: project.agentDirectories)
            let hint = near.map { " — did you mean \($0)?" } ?? "."
            throw Failure(
                "Error: there is no agent `\(name)`\(hint) Make one with: al agent new",
                code: "agent.not-found"
            )
        }
        var draft = try AgentDraft(path: "\(context.directory)/\(file)", file: file)
        guard !changes.isEmpty else { return try await edit(&draft, project, context) }
        try changes.apply(to: &draft, project: project)
        try refuse(try draft.newErrors(of: name, in: project))
        let isChanged = try draft.save()
        Console.output(isChanged ? "Saved \(file)" : "\(file) is as it was")
    }

    /// Ends the command when the agent could not run with its new settings.
    private func refuse(_ problems: [Problem]) throws {
        guard let first = problems.first else { return }
        let list = problems.map(\.description).joined(separator: "\n")
        var failure = Failure("Configuration error: \(list)\nNothing was changed.", code: first.code.rawValue)
        (failure.file, failure.key) = (first.file, first.keyPath)
        throw failure
    }

    private func edit(_ draft: inout AgentDraft, _ project: LoadedProject, _ context: ProjectContext) async throws {
        let prompt = Prompt(isHeadless: false, environment: ProcessInfo.processInfo.environment)
        var menu = AgentConfigMenu(draft: draft, agent: name, project: project, prompt: prompt, store: context.store)
        try await menu.run()
        for source in menu.newSources {
            try source.write(to: context.directory)
            Console.error(
                "Added [webhooks.\(source.name)] to config.toml. Enter at the provider: \(source.payloadURL(project))"
            )
        }
        let isSaved = try menu.draft.save()
        guard isSaved || !menu.newSources.isEmpty else { return Console.output("Nothing was changed.") }
        Console.output("Saved.")
        let doctor = try Doctor.parse(["--check-only"] + options.arguments)
        try await doctor.run()
    }
}
