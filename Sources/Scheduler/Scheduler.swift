import Domain
import FoundationEssentials
import Logging
import Runtimes
import ServiceLifecycle
import Storage

/// Turns triggers into runs and runs into outcomes.
///
/// The store is the truth; this actor holds only what belongs to the runs alive in this process. Each aspect (queue, runs,
/// clock, calls, stopping) is an extension in a file of its own.
package actor Scheduler {
    /// Work that becomes a task of its own under ``run()``.
    enum Job: Sendable {
        /// A claimed or adopted run with all its reruns.
        case chain(RunRecord, AgentConfig, RunHandle?)
        case chat(InstanceID)
        /// An order that a run or a chat is to end.
        case end(InstanceID)
        case stop(StopOrder)
    }

    /// How far a listener to events may fall behind before it loses some.
    static let backlog = 1000

    let setup: SchedulerSetup
    /// What is in force for new runs; hot reload changes it.
    var agents: [AgentName: AgentConfig] { didSet { roster = Self.sorted(agents) } }
    /// The same, sorted by name.
    private(set) var roster: [AgentConfig]
    let startedAt: Date
    /// Time since the scheduler was made, on the clock that never jumps.
    let uptime: @Sendable () -> Duration
    var pool: RunnerPool
    var board: StatusBoard
    var flags = SchedulerFlags()
    var images: [AgentName: ImageResult] = [:]
    var gatewayURL = ""
    var live: [InstanceID: LiveRun] = [:]
    var secrets: [String: InstanceID] = [:]
    var redactors = AgentRedactors()
    var isInitializing = true
    /// Whether the runs that the last scheduler left are adopted, or never will be.
    private(set) var hasRecovered = false
    private let recovery = Broadcaster()
    /// What the build of the image that all agents share is doing.
    var baseImageStep: String?
    var isDispatchOpen = false
    var isStopping = false
    /// Somebody ordered that: who does so again does not want to wait for the runs.
    var isStopOrdered = false
    /// The runs were told to end, and so are those that come up yet.
    var endsRuns = false
    /// The order to stop was answered: the scheduler may end as soon as nothing runs.
    var mayFinish = false
    var isHandedOver = false
    var slotClock = SlotClock()
    var reloads = ReloadSchedule()
    /// Fingerprints of the files of agents that were read again.
    var agentFiles: [AgentName: String] = [:]
    /// When the first day of a spent budget ends for which something waits.
    var budgetDayEnd: Date?
    let changes = Broadcaster()
    let clockChanges = Broadcaster()
    let dueChanges = Broadcaster()
    /// Claims that the store has not answered yet, by agent.
    var claimsUnderWay: [AgentName: Int] = [:]
    let claimChanges = Broadcaster()
    /// Orders to end a run.
    let stopOrders = Broadcaster()
    /// What could not be removed of runs that are over.
    var leftovers: Set<RunHandle> = []
    /// What is over, although the runtime could not say that nothing of it works any more (``keepHouse()``).
    var doubtful: Set<RunID> = []
    let reloadChanges = Broadcaster()
    /// Why what stands in an agent's directory is not in force, by its name.
    var reloadProblems: [String: String] = [:]
    let events = Broadcaster<LifecycleEvent>(backlog: Scheduler.backlog)
    var liveChats: [InstanceID: LiveChat] = [:]
    let chatEndings = Broadcaster<ChatEnd>(backlog: Scheduler.backlog)
    var health = Health()
    var startError: (any Error)?

    let jobs: AsyncStream<Job>.Continuation
    private let jobStream: AsyncStream<Job>
    let wakeUp: AsyncStream<Void>.Continuation
    private let wakeUps: AsyncStream<Void>

    /// A scheduler that does nothing until ``run()``, except accept what comes in.
    package init(_ setup: SchedulerSetup) {
        self.setup = setup
        agents = Dictionary(setup.agents.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        roster = Self.sorted(agents)
        startedAt = setup.now()
        uptime = setup.clock.stopwatch()
        pool = RunnerPool(agents: setup.agents, limit: setup.config.scale)
        board = StatusBoard(agents: setup.agents, scales: pool.scales)
        (jobStream, jobs) = AsyncStream.makeStream(of: Job.self)
        (wakeUps, wakeUp) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Base URL of the gateway as runs see it; to be set before ``run()``.
    package func setGateway(url: String) { gatewayURL = url }

    /// Recovers, builds, opens the dispatch and works until told to stop.
    ///
    /// Returns after ``stop(_:)`` when the last run is over, after ``handOver()``, and when its task is cancelled, which
    /// leaves the runs to the next scheduler like a crash would.
    ///
    /// - Throws: what made the start impossible, such as a base image that cannot be built.
    package func run() async throws {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.startAndKeepTime() }
            group.addTask { await self.dispatchWhenWoken() }
            group.addTask { await self.watchDueTimes() }
            group.addTask { await self.keepHouse() }
            group.addTask { await self.obeyGracefulShutdown() }
            for await job in jobStream {
                group.addTask { await self.perform(job) }
            }
            group.cancelAll()
        }
        changes.finish()
        events.finish()
        chatEndings.finish()
        if let startError { throw startError }
    }

    private func perform(_ job: Job) async {
        switch job {
        case .chain(let record, let agent, let handle): await runChain(record, agent: agent, handle: handle)
        case .chat(let id): await carryChat(id)
        case .end(let instance): await endUntilGone(instance)
        case .stop(let order): await carryOut(order)
        }
    }

    private func startAndKeepTime() async {
        // From before the images are built, which may take minutes: what is mended meanwhile is read again afterwards.
        async let watching: Void = watchAgents()
        do {
            try await start()
        } catch {
            if !Task.isCancelled { startError = error }
            jobs.finish()
            return
        }
        async let reloading: Void = reloadAgents()
        await keepTime()
        await reloading
        await watching
    }

    private func dispatchWhenWoken() async {
        for await _ in wakeUps { await dispatch() }
    }

    private func obeyGracefulShutdown() async {
        // Cancellation instead of a shutdown needs no answer: everything else is cancelled too.
        guard (try? await gracefulShutdown()) != nil else { return }
        if !setup.drainsOnShutdown {
            await handOver()
        } else if !isStopping {
            await beginStop(StopOrder())
        }
    }

    // MARK: Shared by the aspects

    private static func sorted(_ agents: [AgentName: AgentConfig]) -> [AgentConfig] {
        agents.values.sorted { $0.name < $1.name }
    }

    /// Whether something may still begin.
    var takesWork: Bool { !isStopping && !isHandedOver }

    func wakeDispatcher() { wakeUp.yield() }

    func noteChange() { changes.notify() }

    func makeInstance(of agent: AgentName) -> InstanceID {
        while true {
            let instance = InstanceID(agent: agent, run: RunID(bits: setup.makeRunBits()))
            if live[instance] == nil, liveChats[instance] == nil { return instance }
        }
    }

    func newRun(of agent: AgentConfig, trigger: Trigger, rerun: Int = 0, allowance: Double? = nil) -> NewRun {
        NewRun(
            instance: makeInstance(of: agent.name),
            secret: setup.makeUUID(),
            trigger: trigger,
            startedAt: setup.now(),
            configHash: setup.configHash(agent),
            timeout: agent.timeout,
            rerun: rerun,
            allowance: allowance
        )
    }

    /// Whether the agent takes part in cron, webhooks and calls.
    func isEnabled(_ agent: AgentConfig) -> Bool { agent.scale > 0 && !flags.disabledAgents.contains(agent.name) }

    /// Whether the agent's image is there.
    func isReady(_ agent: AgentName) -> Bool {
        switch images[agent] {
        case .built, .notNeeded: true
        case .failed, nil: false
        }
    }

    /// Waits until the time has passed, something is announced, or the task is cancelled.
    func sleep(_ seconds: Double, orUntil announced: AsyncStream<Void>) async {
        let clock = setup.clock
        await withTaskGroup(of: Void.self) { group in
            // Being cancelled is what ends the sleep that is no longer needed.
            group.addTask { try? await clock.sleep(for: Self.pause(seconds)) }
            group.addTask { for await _ in announced { return } }
            await group.next()
            group.cancelAll()
        }
    }

    /// Seconds as a duration that every clock can add to its time, a century at most.
    static func pause(_ seconds: Double) -> Duration { .seconds(min(seconds, 3.15e9)) }

    /// Does what must not stop the rest; a failure is logged.
    func attempt(_ what: String, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            if !Task.isCancelled { setup.logger.error("\(what) failed", metadata: ["error": "\(error)"]) }
        }
    }
}

extension Scheduler {
    /// Waits until it is known which runs the last scheduler left.
    func awaitRecovery() async {
        guard !hasRecovered else { return }
        for await _ in recovery.subscribe() {}
    }

    /// Lets go whoever waits for the recovery.
    func endRecovery() {
        hasRecovered = true
        recovery.finish()
    }
}
