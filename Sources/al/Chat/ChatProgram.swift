import Domain
import Foundation
import Harness
import LanguageModels
import Terminal
import UnixSignals

/// A conversation with a model at the terminal, from the first message to the last.
struct ChatProgram {
    let subject: ChatSubject
    let context: ProjectContext
    let models: ChatModels
    let tools: ChatTools
    let servers: MCPServers
    let scratch: ChatScratch
    let system: String
    let prompt: Prompt
    let printer: ChatPrinter
    let historyFile: ChatHistoryFile
    let keys: MessageKeys

    /// One for the chat: a server that one answer started is there for the next.
    private let workplace: ToolContext
    private var chain: [ModelConfig]
    private var model: any LanguageModel
    private var conversation: [Message]

    /// Puts it together; nothing is asked yet.
    init(
        subject: ChatSubject,
        context: ProjectContext,
        models: ChatModels,
        tools: ChatTools,
        servers: MCPServers,
        scratch: ChatScratch,
        system: String,
        prompt: Prompt,
        printer: ChatPrinter,
        historyFile: ChatHistoryFile,
        keys: MessageKeys,
        chain: [ModelConfig],
        model: any LanguageModel,
        conversation: [Message]
    ) {
        self.subject = subject
        self.context = context
        self.models = models
        self.tools = tools
        self.servers = servers
        self.scratch = scratch
        self.system = system
        self.prompt = prompt
        self.printer = printer
        self.historyFile = historyFile
        self.keys = keys
        workplace = tools.context(scratch: scratch, acceptsImages: model.info.acceptsImages)
        self.chain = chain
        self.model = model
        self.conversation = conversation
    }

    /// Takes messages and orders until somebody leaves or a signal ends the program.
    ///
    /// - Returns: the signal.
    mutating func run() async throws -> Int32? {
        do {
            let signal = try await converse()
            await workplace.jobs.endAll()
            return signal
        } catch {
            await workplace.jobs.endAll()
            throw error
        }
    }

    private mutating func converse() async throws -> Int32? {
        var history = historyFile.read()
        while let line = try nextLine(history) {
            history = historyFile.read()
            history.add(line)
            historyFile.write(history)
            switch ChatInput(line) {
            case .message(let text): if let signal = await turn(text) { return signal }
            case .exit: return nil
            case .help: for order in ChatInput.orders { help(order) }
            case .clear:
                conversation = []
                printer.note(StyledText("The conversation is forgotten.", .dim))
            case .model(let name): await reporting { try await $0.change(to: name) }
            case .run(let words): await reporting { try await $0.start(words) }
            case .unknown(let word):
                printer.note(StyledText("There is no order \(word). /help lists them.", .yellow))
            }
        }
        return TakenTerminal.endingSignal
    }

    /// What is typed next; `nil` when somebody leaves.
    private func nextLine(_ history: InputHistory) throws -> String? {
        do {
            return try prompt.message(history: history, hint: "Ask, or /help", keys: keys)
        } catch PromptError.interrupted, PromptError.cancelled {
            return nil
        }
    }

    private func help(_ order: (usage: String, what: String)) {
        printer.note(StyledText(order.usage, .bold).padded(to: 22) + StyledText(order.what), indent: 22)
    }

    private mutating func reporting(_ body: (inout ChatProgram) async throws -> Void) async {
        do {
            try await body(&self)
        } catch {
            let sentence = (error as? ModelError)?.sentence ?? Failure(error)?.text ?? "\(error)"
            printer.note(StyledText(sentence, .red))
        }
    }

    // MARK: Orders

    private mutating func change(to name: String?) async throws {
        if let name {
            let config = try models.config(named: name, now: model.info, of: chain)
            model = try await models.make([config])
            chain = [config]
        }
        printer.note(StyledText("Model: \(model.info.name)", .dim))
    }

    /// Starts an agent as `al run` does: the chat's own, or the one named first.
    private func start(_ words: String) async throws {
        var task = words
        var name = subject.agent?.name.rawValue
        if name == nil {
            name = words.split(separator: " ").first.map(String.init)
            task = words.split(separator: " ", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
        }
        guard let name else { throw Failure("Which agent? /run <agent> [task]") }
        let body: JSONValue? = task.isEmpty ? nil : ["prompt": .string(task)]
        let answer = try await context.gatewayClient().order("/control/trigger/\(name.percentEncoded)", body: body)
        let instance = answer["instanceId"]?.stringValue
        printer.note(StyledText(answer["message"]?.stringValue ?? "Started.", .green))
        if let instance { printer.note(StyledText("Follow it: al logs \(name) -f -i \(instance)", .dim)) }
    }

    // MARK: Turns

    /// Lets the model answer; Ctrl+C ends the answer and not the chat.
    ///
    /// - Returns: the signal that shall end the program.
    private mutating func turn(_ text: String) async -> Int32? {
        let printer = printer
        let begin = Date()
        let servers = servers
        let tap = TappedModel(model, history: conversation) { printer.show($0) }
        var workplace = workplace
        workplace.acceptsImages = model.info.acceptsImages
        let session = Session(
            model: tap,
            tools: servers.registry(),
            newTools: { await servers.changedRegistry() },
            context: workplace,
            system: system,
            prompt: text,
            limits: subject.agent?.limits ?? RunLimits(),
            clock: ContinuousClock(),
            now: { Date() },
            random: { Double.random(in: 0..<1) },
            history: conversation,
            keepsJobs: true,
            onEvent: { printer.show($0) }
        )
        let end = await TakenTerminal.with(.watching) { await Self.run(session) }
        guard let end, let result = end.result else { return end?.signal }
        // What failed before any answer is not worth remembering.
        if result.turns > 0 { conversation = tap.conversation }
        printer.end(result, seconds: Int(Date().timeIntervalSince(begin)))
        return end.signal == UnixSignal.sigint.rawValue ? nil : end.signal
    }

    /// Runs a session until it ends or a signal ends it.
    private static func run(_ session: Session) async -> (result: SessionResult?, signal: Int32?) {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        return await withTaskGroup(of: (SessionResult?, Int32?).self) { group in
            group.addTask { (await session.run(), nil) }
            group.addTask {
                for await signal in signals { return (nil, signal.rawValue) }
                return (nil, nil)
            }
            var end: (result: SessionResult?, signal: Int32?)
            while let (result, signal) = await group.next() {
                end = (result ?? end.result, signal ?? end.signal)
                group.cancelAll()
            }
            return end
        }
    }
}
