package import Domain
package import Foundation
package import LanguageModels

/// One conversation with a model, from the prompt to its end.
///
/// ``run()`` asks for replies, runs the tools they call and feeds the results back until a reply calls none. It never throws:
/// every way out is an ``SessionResult/Outcome``. When it returns, nothing that tools started is left running. Cancelling the
/// task ends request and tools.
package struct Session: Sendable {
    let model: any LanguageModel
    let tools: ToolRegistry
    let newTools: @Sendable () async -> ToolRegistry?
    let context: ToolContext
    let system: String
    let prompt: String
    let limits: RunLimits
    let header: JSONValue
    let clock: any Clock<Duration>
    let now: @Sendable () -> Date
    let random: @Sendable () -> Double
    let timeLeft: @Sendable () -> Duration?
    let timeLimit: Duration?
    let history: [Message]
    let keepsJobs: Bool
    let stopRequested: @Sendable () -> Bool
    let onEvent: @Sendable (SessionEvent) -> Void

    /// Collects everything; nothing happens yet.
    ///
    /// - Parameters:
    ///   - model: answers.
    ///   - tools: what the model may call.
    ///   - newTools: asked before each request; other tools than before, if they changed.
    ///   - context: where tools work; its redactor serves the whole session.
    ///   - system: the system text.
    ///   - prompt: the first user message.
    ///   - limits: budgets.
    ///   - header: further fields of the transcript's first line, as an object.
    ///   - clock: for the pauses before repetitions.
    ///   - now: for the times of messages.
    ///   - random: at least 0, less than 1; spreads repetitions.
    ///   - timeLeft: of the run; `nil` = unlimited.
    ///   - timeLimit: what `timeLeft` began with; the model is told when a tenth of it is left.
    ///   - history: messages of an earlier conversation that this one continues.
    ///   - keepsJobs: what tools left running goes on behind the end, as another session with the same context follows.
    ///   - stopRequested: whether a signal file asks for the end; looked at after every tool call.
    ///   - onEvent: called in order, on the session's task.
    package init(
        model: any LanguageModel,
        tools: ToolRegistry = .standard,
        newTools: @escaping @Sendable () async -> ToolRegistry? = { nil },
        context: ToolContext,
        system: String,
        prompt: String,
        limits: RunLimits = RunLimits(),
        header: JSONValue = [:],
        clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Date,
        random: @escaping @Sendable () -> Double,
        timeLeft: @escaping @Sendable () -> Duration? = { nil },
        timeLimit: Duration? = nil,
        history: [Message] = [],
        keepsJobs: Bool = false,
        stopRequested: @escaping @Sendable () -> Bool = { false },
        onEvent: @escaping @Sendable (SessionEvent) -> Void
    ) {
        self.model = model
        self.tools = tools
        self.newTools = newTools
        self.context = context
        self.system = system
        self.prompt = prompt
        self.limits = limits
        self.header = header
        self.clock = clock
        self.now = now
        self.random = random
        self.timeLeft = timeLeft
        self.timeLimit = timeLimit
        self.history = history
        self.keepsJobs = keepsJobs
        self.stopRequested = stopRequested
        self.onEvent = onEvent
    }

    /// Talks until the end; every process that tools left behind is ended then, unless jobs are kept.
    ///
    /// - Returns: why it ended, with usage and last text.
    package func run() async -> SessionResult {
        var conversation = Conversation(self)
        let outcome = await conversation.run()
        guard !keepsJobs else { return conversation.result(outcome) }
        let jobs = context.jobs
        // A shield: the end of the children must be awaited although the session itself was cancelled.
        await Task { await jobs.endAll() }.value
        return conversation.result(outcome)
    }
}
