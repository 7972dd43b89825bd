package import Domain
package import FoundationEssentials
package import Storage

/// What runs may ask, each known by its secret.
package protocol RunsPlane: Sendable {
    /// The live run with this secret; `nil` = 403.
    func run(withSecret secret: String) async -> InstanceID?
    func acquireLock(_ key: String, ttl: Int?, by run: InstanceID) async throws -> LockAnswer
    func heartbeatLock(_ key: String, ttl: Int?, by run: InstanceID) async throws -> LockAnswer
    func releaseLock(_ key: String, by run: InstanceID) async throws -> LockAnswer
    func locks(of run: InstanceID) async throws -> [LockRecord]
    /// Creates a call. Returns its id.
    ///
    /// - Throws: ``RefusalError`` with the reason the caller shall see.
    func call(_ target: String, context: String, by run: InstanceID) async throws -> String
    /// A call made by this run; with `wait` the answer is held until the call is over or the time has passed.
    func call(id: String, by run: InstanceID, wait: Duration?) async throws -> CallRecord?
    func setStatus(_ text: String, of run: InstanceID) async
    func requestRerun(by run: InstanceID) async throws
    func setReturnValue(_ value: String, isBeginning: Bool, of run: InstanceID) async throws
    /// Kills the run at once. Returns the name of its container.
    func shutDown(_ run: InstanceID, reason: String) async throws -> String
    /// The model keys of a run, once: `{"<type>":{"default":{"token":…}}}`; `nil` = fetched before.
    func modelCredentials(of run: InstanceID) async throws -> JSONValue?
}

/// What people may ask, with the API key.
package protocol OperatorPlane: Sendable {
    func status() async throws -> SchedulerStatus
    /// What is broken at the moment, without any path: storage, runtime, clock. Where all is well nothing is asked.
    func problems() async -> [String]
    /// The daily budgets of which nothing is left; a query for each that the configuration sets.
    func spentBudgets() async throws -> [DailyBudget]
    /// Live locks of all runs.
    func locks() async throws -> [LockRecord]
    /// What was kept of runs, slots, deliveries and calls.
    var history: any History { get async }
    /// The project at this moment, for questions about its history and its future.
    func facts() async -> ProjectFacts
    /// - Throws: ``RefusalError``.
    func trigger(_ agent: String, prompt: String?) async throws -> TriggerAnswer
    func setPaused(_ isPaused: Bool) async throws
    /// - Throws: ``RefusalError`` (`notFound`; `conflict` when an agent of scale 0 is to be enabled).
    func setEnabled(_ isEnabled: Bool, agent: String) async throws
    /// - Throws: ``RefusalError`` (`notFound`).
    func kill(instance: String) async throws
    /// Returns how many runs were killed.
    ///
    /// - Throws: ``RefusalError`` (`notFound`).
    func kill(agent: String) async throws -> Int
    /// Begins to stop. Acts after the answer could be sent.
    func stop(_ order: StopOrder) async throws -> StopAnswer
    /// A new value at every change of the status, the latest only: a slow reader skips what is outdated.
    func statusChanges() async -> AsyncStream<Void>
}

/// What `al stop` asks for.
package struct StopOrder: Hashable, Sendable {
    /// End the runs at once.
    package var now: Bool
    /// Seconds to wait before `now`; `nil` = until the last run ends.
    package var grace: Int?
    /// Drop what waits.
    package var clear: Bool

    /// Collects the facts.
    package init(now: Bool = false, grace: Int? = nil, clear: Bool = false) {
        self.now = now
        self.grace = grace
        self.clear = clear
    }
}

/// The answer to ``OperatorPlane/stop(_:)``.
package struct StopAnswer: Hashable, Sendable {
    /// Runs it waits for.
    package var running: Int
    /// Items dropped from the queues.
    package var dropped: Int

    /// Collects both.
    package init(running: Int, dropped: Int = 0) {
        self.running = running
        self.dropped = dropped
    }
}

/// The answer to a manual trigger.
package struct TriggerAnswer: Hashable, Sendable {
    /// `nil` when it waits in the queue.
    package var instance: InstanceID?
    /// What the item waits for; `nil` when it waits for nothing but its turn, or does not wait.
    package var obstacle: Obstacle?
    /// The item that waits.
    package var itemID: String?

    /// Collects the facts.
    package init(instance: InstanceID?, obstacle: Obstacle? = nil, itemID: String? = nil) {
        self.instance = instance
        self.obstacle = obstacle
        self.itemID = itemID
    }

    /// What keeps an ordered run from starting at once.
    package enum Obstacle: Hashable, Sendable {
        /// All runners of the agent are busy; how many it has.
        case runners(Int)
        /// As many runs are alive as the project's scale allows.
        case projectScale(Int)
        /// The agent's image is not built.
        case image
    }
}

/// An order or call that was understood and refused.
package struct RefusalError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of refusal it is; the gateway maps it to a status.
    package enum Code: String, Hashable, Sendable { case notFound, conflict, stopping, tooMany }

    package var code: Code
    /// The reason, for whoever asked.
    package var reason: String

    /// Collects both.
    package init(code: Code, reason: String) {
        self.code = code
        self.reason = reason
    }

    package var description: String { reason }
}

/// A snapshot of everything the status API shows.
package struct SchedulerStatus: Sendable {
    package var mode: RuntimeKind
    package var projectName: String?
    package var isInitializing: Bool
    /// The step at which the build of the image is that all agents share; `nil` when none is built.
    package var baseImageStep: String?
    package var isPaused: Bool
    package var isStopping: Bool
    package var startedAt: Date
    package var cronJobCount: Int
    package var agents: [AgentStatus]
    package var instances: [InstanceStatus]
    /// The last 100 activity lines, oldest first.
    package var activity: [ActivityLine]
    /// ``OperatorPlane/problems()``.
    package var problems: [String]
    /// Why the files of an agent's directory are not in force, by its name.
    package var reloadProblems: [String: String]

    /// Collects the facts.
    package init(
        mode: RuntimeKind,
        projectName: String?,
        isInitializing: Bool,
        baseImageStep: String? = nil,
        isPaused: Bool,
        isStopping: Bool,
        startedAt: Date,
        cronJobCount: Int,
        agents: [AgentStatus],
        instances: [InstanceStatus],
        activity: [ActivityLine],
        problems: [String],
        reloadProblems: [String: String] = [:]
    ) {
        self.mode = mode
        self.projectName = projectName
        self.isInitializing = isInitializing
        self.baseImageStep = baseImageStep
        self.isPaused = isPaused
        self.isStopping = isStopping
        self.startedAt = startedAt
        self.cronJobCount = cronJobCount
        self.agents = agents
        self.instances = instances
        self.activity = activity
        self.problems = problems
        self.reloadProblems = reloadProblems
    }
}

/// The state of one agent.
package struct AgentStatus: Sendable {
    package var name: AgentName
    package var description: String?
    /// `idle`, `running`, `building` or `error`.
    package var state: String
    package var isEnabled: Bool
    package var statusText: String?
    package var lastError: String?
    package var lastRunAt: Date?
    /// Milliseconds.
    package var lastRunDuration: Int?
    /// How the last run ended, whatever the agent is at since.
    package var lastRunState: RunState?
    package var nextRunAt: Date?
    package var queuedItems: Int
    package var scale: Int
    package var runningCount: Int
    package var runReason: String?
    package var lastRunUsage: TokenUsage?
    package var cumulativeUsage: TokenUsage?

    /// An agent that has not done anything yet.
    package init(name: AgentName, scale: Int) {
        self.name = name
        self.scale = scale
        state = "idle"
        isEnabled = scale > 0
        queuedItems = 0
        runningCount = 0
    }
}

/// A run as the status API shows it, from its claim to 60 s after its end.
package struct InstanceStatus: Sendable {
    package var instance: InstanceID
    /// `running`, `completed`, `error` or `killed`.
    package var status: String
    package var startedAt: Date
    /// ``Trigger/wireLabel``.
    package var trigger: String
    package var statusText: String?

    /// Collects the facts.
    package init(instance: InstanceID, status: String, startedAt: Date, trigger: String, statusText: String? = nil) {
        self.instance = instance
        self.status = status
        self.startedAt = startedAt
        self.trigger = trigger
        self.statusText = statusText
    }
}

/// One line of the activity feed.
package struct ActivityLine: Hashable, Sendable {
    package var time: Date
    /// An agent, `webhook` or `scheduler`.
    package var agent: String
    package var message: String

    /// Collects the facts.
    package init(time: Date, agent: String, message: String) {
        self.time = time
        self.agent = agent
        self.message = message
    }
}
