import Domain
import Scheduler
import Terminal

/// The live view between two keys, without a terminal or a clock.
struct LiveState: Sendable {
    /// What has to be answered before anything else.
    enum Question: Hashable, Sendable {
        case kill(AgentName)
        case stop
    }

    private static let noticeBeats = 8

    var facts: LiveFacts
    private(set) var snapshot: LiveSnapshot?
    private(set) var size: TerminalSize
    private(set) var selected: AgentName?
    private(set) var filter = EditableText()
    private(set) var isFiltering = false
    /// On top of the agents.
    private(set) var page: LivePage?
    private(set) var question: Question?
    /// Whose conversation was asked for and is not there yet: keys are meant for it, not for the list.
    private(set) var opening: AgentName?
    /// What came of the last order, until the next key or for some seconds.
    var notice: StyledText? { didSet { noticedAt = beat } }
    private var noticedAt = 0
    /// Steps of the spinner.
    private(set) var beat = 0

    /// Nothing is known yet but this.
    init(facts: LiveFacts, size: TerminalSize) {
        self.facts = facts
        self.size = size
    }

    /// Whether the scheduler still starts.
    var isInitializing: Bool { snapshot?.status.isInitializing ?? true }

    /// Whether it is images that the start waits for.
    var isBuilding: Bool {
        guard let status = snapshot?.status else { return false }
        return status.baseImageStep != nil || status.agents.contains { $0.state == "building" }
    }

    /// The agents that the filter lets through.
    var agents: [AgentStatus] {
        let wanted = filter.text.lowercased()
        let all = snapshot?.status.agents ?? []
        return wanted.isEmpty ? all : all.filter { $0.name.rawValue.lowercased().contains(wanted) }
    }

    /// The run whose conversation is open.
    var openRun: InstanceID? {
        guard case .conversation(let run) = page?.subject else { return nil }
        return run
    }

    // MARK: What comes from the scheduler

    /// Shows a new state of things.
    mutating func take(_ snapshot: LiveSnapshot) {
        self.snapshot = snapshot
        let activity = activityLines
        if page?.subject == .activity { page?.replace(activity) }
        keepSelection()
    }

    /// Opens the conversation of a run with what there is of it.
    mutating func open(_ run: InstanceID, _ lines: [StyledText]) {
        opening = nil
        show(LivePage(.conversation(run), lines: lines))
    }

    /// Waits no longer for the conversations of these agents.
    mutating func endOpening(of agents: Set<AgentName>) {
        if let agent = opening, agents.contains(agent) { opening = nil }
    }

    /// Adds what the open conversation goes on with.
    mutating func append(_ lines: [StyledText], of run: InstanceID) {
        if openRun == run { page?.append(lines) }
    }

    /// The activity as lines of a page.
    private var activityLines: [StyledText] { snapshot?.status.activity.map(\.line) ?? [] }

    /// Another size of the terminal.
    mutating func resize(_ size: TerminalSize) {
        self.size = size
        page?.layOut(columns: size.columns, rows: LiveScreen.pageRows(size))
    }

    /// The spinner moves on.
    mutating func tick() {
        beat += 1
        if beat - noticedAt > Self.noticeBeats { notice = nil }
    }

    // MARK: Keys

    /// Obeys a key.
    ///
    /// - Returns: what the scheduler has to do about it.
    mutating func handle(_ key: Key) -> LiveAction? {
        notice = nil
        if key == .redraw { return .repaint }
        if let question { return answer(question, key) }
        if key == .interrupt { return .stop }
        if opening != nil {
            if Self.closes(key) { opening = nil }
            return nil
        }
        if isFiltering {
            type(key)
            return nil
        }
        if page != nil {
            turn(key)
            return nil
        }
        // Before that nothing can be run and nobody is seen selected.
        if isInitializing { return nil }
        return select(key) ? nil : command(key)
    }

    private mutating func answer(_ question: Question, _ key: Key) -> LiveAction? {
        self.question = nil
        switch (question, key) {
        case (.stop, .character("y")), (_, .interrupt): return .stop
        case (.kill(let agent), .character("y")): return .kill(agent)
        default: return nil
        }
    }

    private mutating func type(_ key: Key) {
        switch key {
        case .enter: isFiltering = false
        case .escape: (filter, isFiltering) = (EditableText(), false)
        case .up, .down: _ = select(key)
        default: filter.handle(key)
        }
        keepSelection()
    }

    /// Whether a key leaves a page.
    private static func closes(_ key: Key) -> Bool {
        [.escape, .character("q"), .enter, .backspace, .left].contains(key)
    }

    private mutating func turn(_ key: Key) {
        switch key {
        case _ where Self.closes(key): page = nil
        case .character("?") where page?.subject == .help: page = nil
        default: _ = page?.scroll(key)
        }
    }

    /// Moves the mark.
    private mutating func select(_ key: Key) -> Bool {
        let names = agents.map(\.name)
        guard let last = names.indices.last else { return false }
        let current = names.firstIndex { $0 == selected } ?? 0
        let step = max(1, size.rows / 2)
        let next: Int
        switch key {
        case .up: next = current - 1
        case .down: next = current + 1
        case .pageUp: next = current - step
        case .pageDown: next = current + step
        case .home: next = 0
        case .end: next = last
        default: return false
        }
        selected = names[min(max(0, next), last)]
        return true
    }

    private mutating func command(_ key: Key) -> LiveAction? {
        switch key {
        case .character("/"): isFiltering = true
        case .character("?"): show(LivePage(.help, lines: LiveHelp.lines))
        case .character("a"): show(LivePage(.activity, lines: activityLines))
        case .character("q"), .endOfInput: question = .stop
        case .character("p"): return .setPaused(!(snapshot?.status.isPaused ?? false))
        case .escape: filter = EditableText()
        default: return agentCommand(key)
        }
        keepSelection()
        return nil
    }

    private mutating func agentCommand(_ key: Key) -> LiveAction? {
        guard let agent = agents.first(where: { $0.name == selected }) else { return nil }
        switch key {
        case .enter:
            opening = agent.name
            return .open(agent.name)
        case .character("r"): return .run(agent.name)
        case .character(" "): return .setEnabled(!agent.isEnabled, agent.name)
        case .character("k"):
            if agent.runningCount > 0 {
                question = .kill(agent.name)
            } else {
                notice = StyledText("\(agent.name) is not running.", .yellow)
            }
            return nil
        default: return nil
        }
    }

    private mutating func show(_ page: LivePage) {
        self.page = page
        resize(size)
    }

    /// The mark stands on an agent that is shown, if there is any.
    private mutating func keepSelection() {
        let names = agents.map(\.name)
        if let selected, names.contains(selected) { return }
        selected = names.first
    }
}

extension ActivityLine {
    /// `HH:MM:SS [agent] message`.
    var line: StyledText {
        StyledText(LocalTime.clock(time), .dim) + StyledText(" ") + StyledText("[\(agent)]", .cyan)
            + StyledText(" \(message)")
    }
}
