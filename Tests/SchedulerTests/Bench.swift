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
    let time = VirtualTime()
    let sink = MemorySink()
    private let counter = Mutex<UInt32>(0)

    init(_ store: SQLiteStore, script: @escaping @Sendable (Launch) -> FakeRuntime.Script = { _ in .init() }) {
        self.store = store
        runtime = FakeRuntime(script: script)
    }

    func next() -> UInt32 {
        counter.withLock { value in
            value += 1
            return value
        }
    }

    func scheduler(_ agents: [AgentConfig], _ change: (inout ProjectConfig) -> Void = { _ in }) -> Scheduler {
        var config = ProjectConfig()
        config.webhooks["hook"] = WebhookSourceConfig(type: "test")
        change(&config)
        let sink = sink
        let time = time
        return Scheduler(
            SchedulerSetup(
                store: store,
                runtime: runtime,
                agents: agents,
                config: config,
                project: ProjectDirectory(id: ProjectID(rawValue: "0123456789ab"), path: "/project"),
                clock: time,
                now: { time.date },
                makeRunBits: { self.next() },
                makeUUID: { "00000000-0000-4000-8000-\(String(100_000_000_000 + Int(self.next())))" },
                logger: Logger(label: "scheduler") { _ in
                    FileLogHandler(name: "scheduler", sink: sink, now: { time.date })
                },
                logSink: sink,
                modelKeys: { _ in ["anthropic_key": ["default": ["token": "t"]]] },
                defaultZone: .gmt,
                prompt: { "prompt of \($0.kind)" },
                configHash: { _ in "hash" }
            )
        )
    }

    /// Runs a scheduler around the body and cancels it afterwards, as a crash would.
    func running(_ scheduler: Scheduler, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await scheduler.run() }
            try await until("started") { try await !scheduler.status().isInitializing }
            try await body()
            group.cancelAll()
            while await group.nextResult() != nil {}
        }
    }

    /// Waits for something that other tasks are about to do.
    func until(
        _ what: String,
        _ location: SourceLocation = #_sourceLocation,
        _ condition: () async throws -> Bool
    ) async throws {
        let limit = ContinuousClock.now + .seconds(20)
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

    func ended(_ instance: InstanceID, _ location: SourceLocation = #_sourceLocation) async throws -> RunRecord {
        try await until("end of \(instance)", location) {
            try await store.run(instance.run)?.state.isFinal == true
        }
        return try #require(try await store.run(instance.run))
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
