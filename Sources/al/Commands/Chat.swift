import ArgumentParser
import Domain
import Foundation
import Harness
import LanguageModels
import Project
import Terminal

/// `al chat`: a conversation with a model about a project, or in an agent's place.
struct Chat: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Talk with a model that helps with the project, or takes an agent's place.",
        discussion: """
            The model works on this machine, with your permissions and without isolation.
            With an agent it has the agent's credentials, directory and model; without one
            it helps to make and change agents. /help lists what can be typed besides
            messages. Ctrl+C stops the answer; at the empty prompt it leaves.
            Example:
              al chat
              al chat dev
              al chat dev --run dev-a1b2c3d4
            """
    )

    @Argument(help: "An agent; without one the project is talked about.")
    var agent: String?

    @Option(name: .long, help: ArgumentHelp("Go on from the recorded conversation of this run.", valueName: "run"))
    var run: String?

    @Flag(name: [.customShort("H"), .long], help: .hidden)
    var headless = false

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let context = try ProjectContext(options)
        let environment = ProcessInfo.processInfo.environment
        let prompt = Prompt(isHeadless: headless, environment: environment)
        let subject = try subject(context)
        guard prompt.isPossible, isatty(1) == 1 else {
            let instead = agent.map { "al run \($0) \"<task>\"" } ?? "al run <agent> \"<task>\""
            throw Failure(
                "Error: a chat needs a terminal to ask for messages. Without one: \(instead)",
                exitCode: 2,
                code: "prompt.not-possible"
            )
        }
        let recorded = try await recordedConversation(context)
        let scratch = try ChatScratch()
        defer { scratch.remove() }
        let proxies = ProxySettings(environment)
        let signal = try await HTTPRoutes.with(proxies, configuration: modelHTTPConfiguration()) { http in
            try await talk(subject, context, prompt, scratch, http, recorded)
        }
        if let signal { throw Failure.silent(128 + signal) }
    }

    private func talk(
        _ subject: ChatSubject,
        _ context: ProjectContext,
        _ prompt: Prompt,
        _ scratch: ChatScratch,
        _ http: HTTPRoutes,
        _ recorded: [Message]
    ) async throws -> Int32? {
        let project = try context.load()
        let keys = try KeyBindings.read(context.home + "/keybindings.json")
        let config = try subject.agent ?? stand(in: context, project)
        let printer = ChatPrinter(
            style: Console.style,
            width: { Console.width ?? 80 },
            write: { Console.outputPiece($0) }
        )
        let models = ChatModels(
            context: context,
            agent: config,
            named: project.config.models,
            http: http,
            warn: { warn($0, on: printer) }
        )
        let model = try await models.make(config.models)
        let tools = try ChatTools(subject, context: context, scratch: scratch)
        let absence = await absence(of: subject, context)
        greet(subject, context, model.info, keys, on: printer)
        if let absence { warn(absence, on: printer) }
        return try await tools.withServers(of: subject, scratch, warn: { warn($0, on: printer) }) { servers in
            Console.output("")
            var program = ChatProgram(
                subject: subject,
                context: context,
                models: models,
                tools: tools,
                servers: servers,
                scratch: scratch,
                system: ChatInstructions(
                    subject: subject,
                    context: context,
                    hasGateway: absence == nil,
                    credentials: tools.credentials
                ).text,
                prompt: prompt,
                printer: printer,
                historyFile: ChatHistoryFile(path: context.home + "/chat_history"),
                keys: keys,
                chain: config.models,
                model: model,
                conversation: recorded
            )
            return try await program.run()
        }
    }

    private func warn(_ text: String, on printer: ChatPrinter) { printer.note(StyledText(text, .yellow)) }

    private func subject(_ context: ProjectContext) throws -> ChatSubject {
        let project = try context.load()
        guard let agent else { return .project(project) }
        try context.requireAgent(agent)
        guard let config = project.agents.first(where: { $0.name.rawValue == agent }) else {
            let problems = project.errors.map { "Configuration error: \($0)" }
            throw Failure(problems.joined(separator: "\n"), code: "config.invalid")
        }
        return .agent(config)
    }

    /// Who asks for keys and what runs scripts where the chat is about the project.
    private func stand(in context: ProjectContext, _ project: LoadedProject) throws -> AgentConfig {
        var config = AgentConfig(name: try AgentName("chat"), model: project.config.model ?? ChatModels.standard)
        config.directory = context.directory
        return config
    }

    private func recordedConversation(_ context: ProjectContext) async throws -> [Message] {
        guard let run else { return [] }
        let id = agent.map { run.hasPrefix("\($0)-") ? run : "\($0)-\(run)" } ?? run
        return try await RecordedRuns(context).load(id).conversation
    }

    /// What a person should know before the first message.
    private func greet(
        _ subject: ChatSubject,
        _ context: ProjectContext,
        _ model: ModelInfo,
        _ keys: MessageKeys,
        on printer: ChatPrinter
    ) {
        let names = keys.submit == .enter ? ("Enter", "Alt+Enter") : ("Alt+Enter", "Enter")
        printer.note(
            StyledText("\(names.0) sends, \(names.1) begins a new line, Ctrl+C stops an answer, Ctrl+D leaves.", .dim)
        )
        let answers = StyledText(", answered by ") + StyledText(model.name, .bold)
        switch subject {
        case .agent(let agent):
            printer.note(StyledText(agent.name.rawValue, .bold) + answers + StyledText(", in \(agent.directory)."))
            printer.note(StyledText("What shall it do?"))
        case .project(let project):
            printer.note(StyledText("The project", .bold) + answers + StyledText(", in \(context.directory)."))
            let names = project.agents.map(\.name.rawValue).joined(separator: ", ")
            let opening =
                names.isEmpty
                ? "There are no agents yet. Say what the first one shall do."
                : "Agents: \(names). Ask about them, or have one made or changed."
            printer.note(StyledText(opening))
        }
        printer.note(
            StyledText("Tools run on this machine with your permissions, without isolation.", .yellow)
        )
    }

    /// What an agent's place lacks without a scheduler; a chat about the project needs none.
    private func absence(of subject: ChatSubject, _ context: ProjectContext) async -> String? {
        subject.agent == nil ? nil : await context.schedulerAbsence()
    }
}
