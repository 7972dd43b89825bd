import Domain
import Foundation
import Logging
import Runtimes
import Storage
import Synchronization
import TestSupport

@testable import Scheduler

/// A project whose scheduler dies and comes back, driven by one seed.
///
/// The seed decides what happens and when the process ends; how the tasks of one process interleave is left to the machine, so
/// that a broken invariant names a seed that is likely, not certain, to break again.
final class SimulatedProject {
    /// What outlives every process: how far the wall clock was set off, and the last number given out.
    private final class World: Sendable {
        private let state = Mutex<(offset: Double, number: UInt32)>((0, 0))

        var offset: Double { state.withLock { $0.offset } }

        func setClock(by seconds: Double) { state.withLock { $0.offset += seconds } }

        func next() -> UInt32 {
            state.withLock { state in
                state.number += 1
                return state.number
            }
        }
    }

    /// A delivery that was sent until somebody acknowledged it.
    struct Sent {
        let number: Int
        /// Agents that the acknowledgement counted; `nil` while none came.
        var matched: Int?
    }

    let store: any Store
    let runtime = FakeRuntime()
    let time = VirtualTime()
    let agents: [AgentConfig]
    let limit: Int?
    private(set) var random: SeededGenerator
    private(set) var sent: [Sent] = []
    private(set) var lives = 0
    private(set) var violations: [String] = []
    private var calls: [(id: String, caller: InstanceID)] = []
    private var holders: [String: InstanceID] = [:]
    private let world = World()

    init(seed: UInt64, store: any Store) throws {
        self.store = store
        random = SeededGenerator(state: seed)
        var agents: [AgentConfig] = []
        for index in 0..<Int.random(in: 1...3, using: &random) {
            var config = try agent("agent-\(index)")
            config.scale = Int.random(in: 1...3, using: &random)
            config.timeout = 1_000_000
            config.workQueueSize = 10_000
            if Bool.random(using: &random) { config.schedule = try CronSchedule("* * * * *") }
            agents.append(config)
        }
        self.agents = agents
        limit = Bool.random(using: &random) ? Int.random(in: 1...4, using: &random) : nil
    }

    // MARK: Life

    /// Lives until the events are over, through as many deaths as it takes, and then lets everything come to rest.
    func live(events: Int) async throws {
        var left = events
        while left > 0 { left = try await oneLife(events: left, mayDie: true) }
        // A tick of the clock may start a run just when all seemed quiet: only a dead process changes nothing any more.
        for _ in 0..<20 {
            _ = try await oneLife(events: 0, mayDie: false)
            if try await isQuiet() { break }
        }
        try await check()
    }

    /// One process from start to death; returns how many events are left.
    private func oneLife(events: Int, mayDie: Bool) async throws -> Int {
        lives += 1
        let fuse = Fuse(steps: mayDie && Int.random(in: 0..<4, using: &random) == 0 ? startFuse() : nil)
        let scheduler = scheduler(MortalStore(base: store, fuse: fuse))
        var left = events
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // A start that the fuse ends is a death like any other.
                try? await scheduler.run()
            }
            while !fuse.isBurnt, await (try? scheduler.status().isInitializing) ?? true { await Task.yield() }
            while left > 0, !fuse.isBurnt {
                left -= 1
                if Int.random(in: 0..<12, using: &random) == 0 { fuse.light(Int.random(in: 1...40, using: &random)) }
                if mayDie, Int.random(in: 0..<25, using: &random) == 0 { break }
                await happen(scheduler)
                for _ in 0..<Int.random(in: 0...60, using: &random) { await Task.yield() }
            }
            if !mayDie { try await rest(scheduler) }
            group.cancelAll()
            while await group.nextResult() != nil {}
        }
        return left
    }

    private func startFuse() -> Int { Int.random(in: 1...30, using: &random) }

    // MARK: Events

    private func happen(_ scheduler: Scheduler) async {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<34: await send(scheduler, index: nil)
        case 34..<46: await send(scheduler, index: sent.indices.randomElement(using: &random))
        case 46..<52: _ = try? await scheduler.trigger(anyAgent().name.rawValue, prompt: nil)
        case 52..<74: await finishSomething(code: [0, 0, 0, 0, 42].randomElement(using: &random) ?? 0)
        case 74..<80: await call(scheduler)
        case 80..<87: await lock(scheduler)
        case 87..<93: time.advance(by: .seconds(Int.random(in: 1...90, using: &random)))
        case 93..<95: world.setClock(by: Double.random(in: -7200...7200, using: &random))
        case 95..<97: try? await scheduler.setPaused(Bool.random(using: &random))
        default: try? await scheduler.setEnabled(Bool.random(using: &random), agent: anyAgent().name.rawValue)
        }
    }

    /// Sends a new delivery, or one that was sent before; a sender repeats what was not acknowledged.
    private func send(_ scheduler: Scheduler, index: Int?) async {
        let index =
            index
            ?? {
                sent.append(Sent(number: sent.count))
                return sent.count - 1
            }()
        guard let result = try? await scheduler.accept(delivery(sent[index].number)) else { return }
        if sent[index].matched == nil { sent[index].matched = result.matched + result.first.count }
    }

    private func finishSomething(code: Int) async {
        guard let instance = await runtime.alive.randomElement(using: &random) else { return }
        await finish(instance, code: code)
    }

    private func finish(_ instance: InstanceID, code: Int) async {
        await runtime.finish(instance, code: code)
        holders = holders.filter { $0.value != instance }
    }

    private func call(_ scheduler: Scheduler) async {
        guard let caller = await runtime.alive.randomElement(using: &random) else { return }
        let target = anyAgent().name.rawValue
        if let id = try? await scheduler.call(target, context: "", by: caller) { calls.append((id, caller)) }
    }

    private func lock(_ scheduler: Scheduler) async {
        guard let instance = await runtime.alive.randomElement(using: &random) else { return }
        let key = "key-\(Int.random(in: 0..<3, using: &random))"
        if Bool.random(using: &random) {
            guard case .ok = try? await scheduler.acquireLock(key, ttl: 86_400, by: instance) else { return }
            if let holder = holders[key], holder != instance { violations.append("\(key) has two holders") }
            holders[key] = instance
        } else {
            // The process may die after the release and before its answer: then the lock is free all the same.
            if holders[key] == instance { holders[key] = nil }
            _ = try? await scheduler.releaseLock(key, by: instance)
        }
    }

    private func anyAgent() -> AgentConfig { agents.randomElement(using: &random) ?? agents[0] }

    // MARK: The end

    /// Nothing dies any more: what was not acknowledged is sent again, everything runs and ends.
    private func rest(_ scheduler: Scheduler) async throws {
        try await scheduler.setPaused(false)
        for agent in agents { try await scheduler.setEnabled(true, agent: agent.name.rawValue) }
        for index in sent.indices where sent[index].matched == nil { await send(scheduler, index: index) }
        for round in 0..<20_000 {
            for instance in await runtime.alive { await finish(instance, code: 0) }
            if round % 50 == 49 { time.advance(by: .seconds(1)) }
            if try await isQuiet() { return }
            await Task.yield()
        }
        violations.append("no rest: \(try await store.queueDepths()), open \(try await store.openRuns().count)")
    }

    private func isQuiet() async throws -> Bool {
        guard await runtime.alive.isEmpty, try await store.queueDepths().isEmpty else { return false }
        return try await store.openRuns().isEmpty
    }

    // MARK: Invariants

    private func check() async throws {
        let launches = await runtime.launches
        try await checkConservation(launches)
        try await checkOrder()
        let peaks = await runtime.peaks
        for agent in agents where peaks[agent.name, default: 0] > agent.scale {
            violations.append("\(agent.name): \(peaks[agent.name, default: 0]) alive, scale \(agent.scale)")
        }
        let peak = await runtime.peak
        // Every agent keeps one runner, whatever the project's limit says.
        if let limit, peak > max(limit, agents.count) { violations.append("\(peak) alive, limit \(limit)") }
        if try await !store.locks(of: nil, at: time.date).isEmpty { violations.append("a lock outlived its run") }
        for call in calls {
            let state = try await store.call(call.id, madeBy: call.caller)?.state
            if state == .pending || state == .running { violations.append("call \(call.id) never ended") }
        }
        for run in try await store.runs(of: nil, limit: 100_000) where !run.state.isFinal {
            violations.append("\(run.instance) never ended")
        }
    }

    /// Accepted = ran, once for each agent: no run is started twice for a delivery, none is forgotten.
    private func checkConservation(_ launches: [Launch]) async throws {
        var starts: [String: Int] = [:]
        for launch in launches {
            if let event = launch.event { starts["\(launch.agent.name) \(event)", default: 0] += 1 }
        }
        // A rerun carries its slot too.
        for run in try await store.runs(of: nil, limit: 100_000) where run.rerun == 0 && run.state == .succeeded {
            if case .schedule(let slot?) = run.trigger { starts["\(run.instance.agent) \(slot)", default: 0] += 1 }
        }
        for (what, count) in starts where count > 1 { violations.append("\(what) started \(count) times") }
        for delivery in sent {
            let ran = agents.filter { starts["\($0.name) e\(delivery.number)"] != nil }
            // A delivery that came while an agent was disabled counts without it, and may start it when it comes again.
            if let matched = delivery.matched, ran.count < matched {
                let missing = agents.filter { agent in !ran.contains { $0.name == agent.name } }
                let fates = try await fates(of: delivery, agents: missing)
                violations.append("delivery \(delivery.number): matched \(matched), ran \(ran.count), \(fates)")
            }
        }
    }

    /// What became of a delivery at agents that it never reached, for whoever reads the report.
    private func fates(of delivery: Sent, agents: [AgentConfig]) async throws -> String {
        var fates: [String] = []
        for agent in agents {
            let waiting = try await store.waitingItems(of: agent.name).count
            let runs = try await store.runs(of: agent.name, limit: 100_000).filter { run in
                guard case .webhook(let facts) = run.trigger else { return false }
                return facts.event == "e\(delivery.number)"
            }
            let ends = runs.map { "\($0.state) (\($0.outcome?.reason ?? "-"), handle \($0.handle ?? "-"))" }
            fates.append("\(agent.name): \(waiting) waiting, runs \(ends.joined(separator: ", "))")
        }
        return fates.joined(separator: "; ")
    }

    /// Each agent takes its webhooks first in, first out.
    private func checkOrder() async throws {
        for agent in agents {
            let claims = try await store.runs(of: agent.name, limit: 100_000).reversed()
            var seen = Set<String>()
            let queued = claims.compactMap { run -> (item: String, at: Date)? in
                guard case .webhook = run.trigger, let item = run.itemID, seen.insert(item).inserted else { return nil }
                return (item, run.queuedAt)
            }
            // The order of acceptance stands in the trigger's own number only while the wall clock is not set back; ids of
            // items are made from a counter and always rise.
            if queued.map(\.item) != queued.map(\.item).sorted() { violations.append("\(agent.name): not in order") }
        }
    }

    private func scheduler(_ store: any Store) -> Scheduler {
        var config = ProjectConfig()
        config.webhooks["hook"] = WebhookSourceConfig(type: "test")
        config.scale = limit
        let time = time
        let world = world
        return Scheduler(
            SchedulerSetup(
                store: store,
                runtime: runtime,
                agents: agents,
                config: config,
                project: ProjectDirectory(id: ProjectID(rawValue: "0123456789ab"), path: "/project"),
                clock: time,
                now: { time.date.addingTimeInterval(world.offset) },
                makeRunBits: { world.next() },
                makeUUID: { "00000000-0000-4000-8000-\(String(100_000_000_000 + Int(world.next())))" },
                logger: Logger(label: "scheduler") { _ in SwiftLogNoOpLogHandler() },
                logSink: MemorySink(),
                modelKeys: { _ in nil },
                defaultZone: .gmt,
                prompt: { _ in "" },
                configHash: { _ in "hash" }
            )
        )
    }
}
