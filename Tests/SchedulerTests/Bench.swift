import Domain
import Foundation
import Logging
import OrderedCollections
import Runtimes
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Scheduler

/// Collects what the scheduler logs.
final class MemorySink: LogSink {
    private let state = Mutex<(entries: [LogEntry], transcripts: [String])>(([], []))
    var entries: [LogEntry] { state.withLock { $0.entries } }
    var transcripts: [String] { state.withLock { $0.transcripts } }
    func write(_ entry: LogEntry) { state.withLock { $0.entries.append(entry) } }
    func appendTranscript(_ line: String, of instance: InstanceID) { state.withLock { $0.transcripts.append(line) } }
    func messages(_ text: String) -> [LogEntry] { entries.filter { $0.message == text } }
}

/// A store, a runtime and a clock, and schedulers over them.
final class Bench: Sendable {
    let store: SQLiteStore
    let runtime: FakeRuntime
    let time: VirtualTime
    let sink = MemorySink()
    private let counter = Mutex<UInt32>(0)
    private let counts = Mutex<[Int]>([])
    /// What runs got in place of the secrets of brokered credentials.
    let staged = Mutex<[String]>([])
    /// Why the keys of models cannot be read at the moment.
    let keyProblem = Mutex<RuntimeError?>(nil)
    /// Agents with a script in their model's place.
    let scripted = Mutex<Set<AgentName>>([])

    /// For how many runs a stop waited, each number once in a row.
    var drained: [Int] {
        counts.withLock { counts in counts.indices.filter { $0 == 0 || counts[$0] != counts[$0 - 1] }.map { counts[$0] }
        }
    }

    init(
        _ store: SQLiteStore,
        start: Date = Date(timeIntervalSince1970: 1_700_000_000),
        runtime: FakeRuntime? = nil,
        script: @escaping @Sendable (Launch) -> FakeRuntime.Script = { _ in .init() }
    ) {
        self.store = store
        time = VirtualTime(start: start)
        self.runtime = runtime ?? FakeRuntime(script: script)
    }

    func next() -> UInt32 {
        counter.withLock { value in
            value += 1
            return value
        }
    }

    func scheduler(
        _ agents: [AgentConfig],
        source: AgentSource? = nil,
        project: String = "0123456789ab",
        logSink: (any LogSink)? = nil,
        egress: EgressControl? = nil,
        over other: (any Store)? = nil,
        abandonsRuns: Bool = false,
        _ change: (inout ProjectConfig) -> Void = { _ in }
    ) -> Scheduler {
        var config = ProjectConfig()
        config.webhooks["hook"] = WebhookSourceConfig(type: "test")
        change(&config)
        let sink = sink
        let time = time
        return Scheduler(
            SchedulerSetup(
                store: other ?? store,
                runtime: runtime,
                agents: agents,
                config: config,
                project: ProjectDirectory(id: ProjectID(rawValue: project), path: "/project"),
                clock: time,
                now: { time.date },
                makeRunBits: { self.next() },
                makeUUID: { "00000000-0000-4000-8000-\(String(100_000_000_000 + Int(self.next())))" },
                logger: Logger(label: "scheduler") { _ in
                    FileLogHandler(name: "scheduler", sink: sink, now: { time.date })
                },
                logSink: logSink ?? sink,
                stageCredentials: { agent, _, placeholder in
                    let brokered = agent.credentials.filter(\.isBrokered).map(placeholder)
                    self.staged.withLock { $0 += brokered }
                    return nil
                },
                modelKeys: { _ in
                    if let problem = self.keyProblem.withLock({ $0 }) { throw problem }
                    return ["anthropic_key": ["default": ["token": "t"]]]
                },
                isInScriptMode: { agent in self.scripted.withLock { $0.contains(agent.name) } },
                egress: egress,
                agentSource: source,
                defaultZone: .gmt,
                prompt: { "prompt of \($0.kind)" },
                configHash: { "hash of \($0.timeout)" },
                noteDraining: { count in self.counts.withLock { $0.append(count) } },
                abandonsRuns: abandonsRuns
            )
        )
    }

    /// Runs a scheduler around the body and cancels it afterwards, as a crash would; then every slot, delivery, run and call
    /// has one recorded end or is under way (§19.18).
    func running(_ scheduler: Scheduler, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await scheduler.run() }
            try await until("started") { try await !scheduler.status().isInitializing }
            try await body()
            group.cancelAll()
            while await group.nextResult() != nil {}
        }
        try await requireBalance()
    }

    /// Orders a run of an agent, and waits until it is running.
    func runUp(_ agent: String, by scheduler: Scheduler) async throws -> InstanceID {
        let instance = try #require(try await scheduler.trigger(agent, prompt: nil).instance)
        try await until("running") { try await store.run(instance.run)?.state == .running }
        return instance
    }

    /// Orders a run of an agent and ends the scheduler as a crash would, once the run is running.
    func leaveRunning(_ agent: String, by scheduler: Scheduler) async throws -> InstanceID {
        var instance: InstanceID?
        try await running(scheduler) { instance = try await runUp(agent, by: scheduler) }
        return try #require(instance)
    }

    /// Runs a scheduler that the body stops, until it has ended by itself.
    func runningToItsEnd(_ scheduler: Scheduler, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await scheduler.run() }
            try await until("started") { try await !scheduler.status().isInitializing }
            try await body()
            try await group.next()
        }
        try await requireBalance()
    }

    private func requireBalance() async throws {
        let audit = try await store.history.audit(since: .distantPast)
        #expect(audit.isBalanced, "§19.18: \(audit)")
    }

    /// Moves the clock second by second until the condition holds.
    func advance(
        until what: String,
        by step: Duration = .seconds(1),
        _ location: SourceLocation = #_sourceLocation,
        _ condition: () async throws -> Bool
    ) async throws {
        try await until(what, location) {
            time.advance(by: step)
            await settle()
            return try await condition()
        }
    }

    /// Moves the clock in steps, giving everybody time to notice each.
    func pass(_ seconds: Int, by step: Int = 1) async {
        for _ in 0..<(seconds / step) {
            time.advance(by: .seconds(step))
            await settle()
        }
    }

    /// Lets other tasks come to rest, as far as they do without the clock.
    ///
    /// What they wrote is waited for: the store's one writer does a change of nothing behind theirs.
    func settle() async {
        for _ in 0..<8 {
            for _ in 0..<50 { await Task.yield() }
            // A failure shows in what the test looks at.
            try? await store.prune(olderThan: .distantPast)
        }
    }

    /// The slots of an agent, oldest first: how each ended and why.
    func slots(of name: String = "dev") async throws -> [String] {
        try await slotRecords(of: name).map { [$0.end, $0.reason].compactMap { $0 }.joined(separator: " ") }
    }

    func slotRecords(of name: String = "dev") async throws -> [SlotRecord] {
        try await store.history.slots(SlotQuery(agent: try AgentName(name), limit: 2000)).slots.reversed()
    }

    /// Waits for something that other tasks are about to do.
    func until(
        _ what: String,
        _ location: SourceLocation = #_sourceLocation,
        _ condition: () async throws -> Bool
    ) async throws {
        let limit = ContinuousClock.now + .seconds(120)
        while try await !condition() {
            guard ContinuousClock.now < limit else {
                Issue.record("never: \(what)", sourceLocation: location)
                throw CancellationError()
            }
            await Task.yield()
        }
    }

    /// The instance that is the n-th to be launched, once it is.
    func launched(_ number: Int, _ location: SourceLocation = #_sourceLocation) async throws -> InstanceID {
        try await until("launch \(number)", location) { await runtime.launches.count >= number }
        return await runtime.launches[number - 1].instance
    }

    /// Waits until a scheduler has adopted what an earlier one left.
    func adopted(_ instance: InstanceID, by scheduler: Scheduler) async throws {
        try await until("adopted") { await scheduler.run(withSecret: secret(of: instance)) == instance }
    }

    func ended(_ instance: InstanceID, _ location: SourceLocation = #_sourceLocation) async throws -> RunRecord {
        try await until("end of \(instance)", location) {
            try await store.run(instance.run)?.state.isFinal == true
        }
        return try #require(try await store.run(instance.run))
    }
}

/// Runs a scheduler over a store, a runtime and a clock of its own.
///
/// - Parameters:
///   - agents: its agents; one that is called `dev` when none are given.
///   - config: changes the project's configuration.
///   - body: what to do while it runs.
/// - Throws: what the body throws.
func withScheduler(
    of agents: [AgentConfig]? = nil,
    config: (inout ProjectConfig) -> Void = { _ in },
    _ body: (Bench, Scheduler) async throws -> Void
) async throws {
    try await withTemporaryStore { store in
        let bench = Bench(store)
        let scheduler = bench.scheduler(try agents ?? [agent("dev")], config)
        try await bench.running(scheduler) { try await body(bench, scheduler) }
    }
}

func agent(_ name: String, _ change: (inout AgentConfig) -> Void = { _ in }) throws -> AgentConfig {
    var agent = AgentConfig(name: try AgentName(name), model: ModelConfig(provider: .scripted, model: "m.yaml"))
    agent.initialRun = false
    agent.webhooks = [WebhookTriggerConfig(source: "hook")]
    change(&agent)
    return agent
}

func delivery(_ number: Int, hearers: [String] = ["hook"]) -> VerifiedDelivery {
    VerifiedDelivery(
        type: "test",
        hearers: hearers,
        matchedInstance: "_unsigned",
        providerDeliveryID: "d\(number)",
        headers: [:],
        body: [],
        event: "e\(number)",
        context: ["event": .string("e\(number)"), "n": .int(number)]
    )
}

extension Launch {
    /// The event of the webhook that started it.
    var event: String? { if case .webhook(let facts) = trigger { facts.event } else { nil } }
}
