import Domain
import Foundation
import Gateway
import NIOCore
import Scheduler
import ServiceLifecycle
import Storage
import Synchronization
import Terminal
import UnixSignals

/// Shows on the terminal what the scheduler does, and takes orders by keys, while the scheduler runs (`al start`).
final class LiveView: Service {
    /// Between two looks at the agents: everything that changes in it is shown together.
    private static let pause = Duration.milliseconds(200)
    /// Where a day has many runs a look takes longer; it may take one part in so many of the time.
    private static let share = 20

    private let operators: any OperatorPlane
    private let facts: LiveFacts
    private let serving: ServingPort
    private let logDirectory: String
    private let style: Style
    private let inbox = LiveInbox()
    /// What keys ask for that takes the scheduler's time.
    private let orders: AsyncStream<LiveAction>
    private let order: AsyncStream<LiveAction>.Continuation
    /// Ten steps a second while something is being built, else one, for the ages on the screen.
    private let isBusy = Atomic<Bool>(true)
    /// Runs alive at the last look.
    private let liveRuns = Atomic<Int>(0)

    /// Collects the parts.
    init(operators: any OperatorPlane, facts: LiveFacts, serving: ServingPort, logDirectory: String, style: Style) {
        self.operators = operators
        self.facts = facts
        self.serving = serving
        self.logDirectory = logDirectory
        self.style = style
        (orders, order) = AsyncStream.makeStream()
    }

    /// Whether this process has a terminal for it.
    static func isPossible(environment: [String: String]) -> Bool {
        let term = environment["TERM"] ?? ""
        return isatty(0) == 1 && isatty(1) == 1 && !term.isEmpty && term != "dumb"
    }

    /// Shows until the scheduler ends; the terminal is as before on every way out.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            _ = await TakenTerminal.with(.fullScreen) {
                // A terminal that is gone takes the view with it, not the scheduler.
                try? await TerminalChannel.with { keys, screen in try await self.show(keys, screen) }
            }
            Console.error(self.lastSentence(isStopping: Task.isCancelled))
        }
        try await gracefulShutdown()
    }

    /// What remains to be said on the screen of before.
    private func lastSentence(isStopping: Bool) -> String {
        guard isStopping else { return "The terminal cannot be used. The scheduler goes on; al stop ends it." }
        return ShutdownSentence.text(runs: liveRuns.load(ordering: .relaxed), drains: facts.drainsOnShutdown)
    }

    private func show(_ keys: TerminalChannel.Keys, _ screen: TerminalChannel.Screen) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for try await key in keys { self.inbox.post { $0.keys.append(key) } } }
            group.addTask { try await self.watchScheduler() }
            group.addTask { try await self.tick() }
            group.addTask { await self.carryOut() }
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigwinch, .sigcont) {
                    self.inbox.post { $0.isResized = true }
                }
            }
            group.addTask { try await self.draw(on: screen) }
            defer { group.cancelAll() }
            // Whatever ends first ends the view: the terminal, or the scheduler's shutdown.
            try await group.next()
        }
    }

    private func watchScheduler() async throws {
        let clock = ContinuousClock()
        for await _ in await operators.statusChanges() {
            let begin = clock.now
            // A status that cannot be read now can be at the next change; the picture stays as it is.
            if let snapshot = try? await LiveSnapshot.take(from: operators, at: Date()) {
                inbox.post { $0.snapshot = snapshot }
            }
            try await clock.sleep(for: max(Self.pause, begin.duration(to: clock.now) * Self.share))
        }
        // The scheduler is over; what remains is the group's shutdown.
        try await ContinuousClock().sleep(for: .seconds(3600))
    }

    private func tick() async throws {
        while true {
            let isBusy = isBusy.load(ordering: .relaxed)
            try await ContinuousClock().sleep(for: isBusy ? .milliseconds(100) : .seconds(1))
            inbox.post { $0.hasTicked = true }
        }
    }

    private func draw(on screen: TerminalChannel.Screen) async throws {
        var state = LiveState(facts: facts, size: Self.size)
        var painter = ScreenPainter()
        var conversation: LiveConversation?
        inbox.post { $0.isResized = true }
        if let snapshot = try? await LiveSnapshot.take(from: operators, at: Date()) { state.take(snapshot) }
        for await _ in inbox.wakes {
            let news = inbox.take()
            if let snapshot = news.snapshot { state.take(snapshot) }
            if news.hasTicked { state.tick() }
            if news.isResized {
                state.resize(Self.size)
                painter.forget()
            }
            for key in news.keys {
                switch state.handle(key) {
                case .repaint: painter.forget()
                // The same way as Ctrl+C without the view, where the terminal sends the signal.
                case .stop: kill(getpid(), SIGINT)
                case let action?: order.yield(action)
                case nil: break
                }
            }
            if let notice = news.notice { state.notice = notice }
            if let opened = news.opened, state.opening == opened.conversation.run.agent {
                conversation = opened.conversation
                state.open(opened.conversation.run, opened.lines)
            }
            state.endOpening(of: news.answered)
            await read(&conversation, into: &state, hasTicked: news.hasTicked)
            if state.facts.port == nil { state.facts.port = serving.known }
            isBusy.store(state.isInitializing, ordering: .relaxed)
            let running = state.snapshot?.status.agents.reduce(0) { $0 + $1.runningCount } ?? 0
            liveRuns.store(running, ordering: .relaxed)
            let lines = LiveScreen(state: state, now: Date()).lines.map { $0.text(style) }
            let change = painter.paint(lines, size: state.size)
            if !change.isEmpty { try await screen.write(ByteBuffer(string: change)) }
        }
    }

    private static var size: TerminalSize { TerminalSize.of(descriptor: 1) ?? TerminalSize(columns: 80, rows: 24) }

    // MARK: Orders

    /// Carries orders out beside the drawing, each by itself: one that takes long keeps no key and no other order waiting.
    private func carryOut() async {
        await withDiscardingTaskGroup { group in
            for await action in orders {
                group.addTask {
                    do {
                        if let notice = try await self.obey(action) { self.inbox.post { $0.notice = notice } }
                    } catch {
                        self.inbox.post { $0.notice = StyledText("\(error)", .red) }
                    }
                }
            }
        }
    }

    /// - Returns: what to say of it.
    private func obey(_ action: LiveAction) async throws -> StyledText? {
        switch action {
        case .run(let agent):
            let answer = try await operators.trigger(agent.rawValue, prompt: nil)
            return StyledText(answer.instance.map { "\($0) started" } ?? "\(agent) waits in the queue", .green)
        case .setPaused(let isPaused):
            try await operators.setPaused(isPaused)
            return StyledText(isPaused ? "Scheduler paused" : "Scheduler resumed", .green)
        case .setEnabled(let isEnabled, let agent):
            try await operators.setEnabled(isEnabled, agent: agent.rawValue)
            return StyledText("\(agent) \(isEnabled ? "enabled" : "disabled")", .green)
        case .kill(let agent):
            let count = try await operators.kill(agent: agent.rawValue)
            return StyledText("Killed \(LiveText.count(count, "run")) of \(agent)", .green)
        case .open(let agent):
            defer { inbox.post { $0.answered.insert(agent) } }
            return try await open(agent)
        case .repaint, .stop: return nil
        }
    }

    // MARK: Conversations

    private func open(_ agent: AgentName) async throws -> StyledText? {
        let live = LiveSnapshot(status: try await operators.status()).liveRun(of: agent)
        var run = live.map { ($0.instance, $0.startedAt) }
        if run == nil {
            let last = try await operators.history.runs(RunQuery(agent: agent, limit: 1)).runs.first
            run = last.map { ($0.instance, $0.startedAt) }
        }
        guard let (instance, startedAt) = run else {
            return StyledText("\(agent) has not run yet. r runs it.", .yellow)
        }
        let opened = try await LiveConversation.open(instance, startedAt: startedAt, directory: logDirectory)
        inbox.post { $0.opened = opened }
        return nil
    }

    private func read(_ conversation: inout LiveConversation?, into state: inout LiveState, hasTicked: Bool) async {
        guard let open = conversation else { return }
        guard state.openRun == open.run else {
            conversation = nil
            return
        }
        guard hasTicked else { return }
        // A file that cannot be read now will be readable at the next look.
        let lines = (try? await conversation?.more()) ?? []
        state.append(lines, of: open.run)
    }
}
