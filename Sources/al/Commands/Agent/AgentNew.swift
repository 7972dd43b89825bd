import ArgumentParser
import Credentials
import Domain
import Foundation
import Project
import Terminal

/// `al agent new`.
struct AgentNew: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make a new agent from a template.",
        discussion: """
            Templates: dev, reviewer, planner, devops, reddit-moderator, custom. Each asks for what differs from project to \
            project; --set answers beforehand.

            Examples:
              al agent new
              al agent new --template dev --name dev --set org=acme --set author=octocat --yes
            """
    )

    @Option(
        name: .long,
        help: ArgumentHelp("dev, reviewer, planner, devops, reddit-moderator or custom.", valueName: "name")
    )
    var template: String?

    @Option(name: .long, help: "The agent's name; the template's unless given.")
    var name: String?

    @Option(name: .long, help: ArgumentHelp("The value of a parameter. Repeatable.", valueName: "key=value"))
    var set: [String] = []

    @Option(name: .long, help: ArgumentHelp("The webhook source of its triggers.", valueName: "name"))
    var source: String?

    @Flag(name: .long, help: "Ask nothing; take the defaults.")
    var yes = false

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let context = try ProjectContext(options)
        let project = try context.load()
        let prompt = Prompt(isHeadless: yes, environment: ProcessInfo.processInfo.environment)
        let questions = AgentTemplateQuestions(prompt: prompt, project: project, asksNothing: yes)
        var template = AgentTemplate.custom
        var agentName: AgentName?
        var values: [String: String] = [:]
        try await Wizard.run([
            {
                template = try self.template.map(AgentTemplateQuestions.template) ?? questions.template()
                return self.template == nil
            },
            {
                agentName = try questions.name(self.name, template)
                return self.name == nil && !yes
            },
            {
                let given = try AgentTemplateQuestions.values(set, template)
                values = try questions.values(of: template, given: given)
                return false
            },
        ])
        guard let agentName else { return }
        let source = try WebhookSourceChoice(project: project, wanted: source).name(for: template.sourceType)
        let files = template.files(for: agentName, values: values, source: source.name) { type in
            CredentialCatalog.standard.type(type)?.hosts ?? []
        }
        // First what may not be possible: without its source the agent is only half there.
        if let type = source.missingType {
            let new = NewWebhookSource(name: source.name, type: type, credential: "default")
            try new.write(to: context.directory)
            Console.output(
                "Added [webhooks.\(source.name)] to config.toml: its secret is \(type)_webhook_secret:default"
            )
        }
        let written = try AgentScaffold(project: context.directory).write(files, for: agentName)
        for file in written { Console.output("Created \(file)") }
        tellNext(agentName)
        guard prompt.isPossible,
            try prompt.confirm("Change its settings now?", remedy: "al agent config \(agentName)", defaultAnswer: false)
        else { return }
        let settings = try AgentConfigure.parse([agentName.rawValue] + options.arguments)
        try await settings.run()
    }

    private func tellNext(_ name: AgentName) {
        let place = options.project == "." ? "" : " -p \(options.project)"
        Console.error("Next: read agents/\(name)/ACTIONS.md, then al doctor\(place)")
    }
}
