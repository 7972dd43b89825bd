import Domain
import Foundation
import OrderedCollections
import Runtimes
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Scheduler

/// The agents' directories of a project that has no files.
private final class FakeDirectories: AgentWatch {
    private let contents = Mutex<[String: AgentReading]>([:])
    private let hidden = Mutex<Set<String>>([])
    private let loads = Mutex<[String]>([])
    private let watched = Mutex(false)
    private let changes: AsyncStream<AgentChange>
    private let tell: AsyncStream<AgentChange>.Continuation

    init(_ agents: [AgentConfig] = []) {
        (changes, tell) = AsyncStream.makeStream(of: AgentChange.self)
        for agent in agents { contents.withLock { $0[agent.name.rawValue] = .loaded(agent, files: "0") } }
    }

    var source: AgentSource {
        AgentSource(
            load: { name in
                self.loads.withLock { $0.append(name) }
                return self.contents.withLock { $0[name] ?? .absent }
            },
            names: { self.contents.withLock { Array($0.keys) } },
            watch: self,
            isPresent: { agent in
                guard !self.hidden.withLock({ $0.contains(agent.directory) }) else { return false }
                return self.contents.withLock { ($0[agent.name.rawValue] ?? .absent) != .absent }
            }
        )
    }

    /// Keeps a path from being found at a glance, whatever is read by the agent's name.
    func hide(_ directory: String) { hidden.withLock { _ = $0.insert(directory) } }

    /// Names in the order in which they were read.
    var loaded: [String] { loads.withLock { $0 } }

    func watch(onChange: @Sendable (AgentChange) async -> Void) async throws {
        watched.withLock { $0 = true }
        for await change in changes { await onChange(change) }
    }

    /// Whether changes are noticed.
    var isWatched: Bool { watched.withLock { $0 } }

    /// Changes a directory without a word to the watch, as it is until the watch looks.
    func putSilently(_ name: String, _ content: AgentReading) { contents.withLock { $0[name] = content } }

    func put(_ name: String, _ content: AgentReading, tell change: AgentChange? = nil) {
        contents.withLock { $0[name] = content }
        if isWatched { tell.yield(change ?? .directory(name)) }
    }
}

@Suite("Hot reload")
struct HotReloadTests {
    private struct Project {
        let bench: Bench
        let directories: FakeDirectories
        let scheduler: Scheduler

        /// Lets the half second pass until the condition holds.
        func reload(_ what: String, _ condition: () async throws -> Bool) async throws {
            try await bench.advance(until: what, by: .milliseconds(100)) { try await condition() }
        }

        func status(_ name: String) async throws -> AgentStatus? {
            try await scheduler.status().agents.first { $0.name.rawValue == name }
        }

        func activity() async throws -> [String] { try await scheduler.status().activity.map(\.message) }
    }

    private func withProject(
        _ agents: [AgentConfig],
        start: Date = Date(timeIntervalSince1970: 1_700_000_000),
        script: @escaping @Sendable (Launch) -> FakeRuntime.Script = { _ in .init() },
        _ body: (Project) async throws -> Void
    ) async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store, start: start, script: script)
            let directories = FakeDirectories(agents)
            let scheduler = bench.scheduler(agents, source: directories.source)
            try await bench.running(scheduler) {
                try await bench.until("watched") { directories.isWatched }
                try await body(Project(bench: bench, directories: directories, scheduler: scheduler))
            }
        }
    }

    @Test("a new agent is there with its webhooks and its schedule, without an initial run")
    func new() async throws {
        let cron = try CronSchedule("* * * * *")
        let newcomer = try agent("new") {
            $0.schedule = cron
            $0.initialRun = true
        }
        try await withProject([try agent("old") { $0.webhooks = [] }]) { project in
            #expect(try await project.scheduler.accept(delivery(1)).matched == 0)
            project.directories.put("new", .loaded(newcomer, files: "1"))
            try await project.reload("known") { try await project.activity().contains("hot-reloaded (new)") }
            let status = try #require(try await project.status("new"))
            #expect(status.state == "idle" && status.isEnabled && status.nextRunAt != nil)
            #expect(await project.bench.runtime.launches.isEmpty)
            #expect(try await project.scheduler.accept(delivery(2)).matched == 1)
            let run = try await project.bench.launched(1)
            await project.bench.runtime.finish(run)
            try await project.bench.advance(until: "slot") { try await project.bench.slots(of: "new").count == 1 }
        }
    }

    @Test("what is changed while images are built is read as soon as they are")
    func changedWhileBuilding() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev")
            let directories = FakeDirectories([dev])
            let scheduler = bench.scheduler([dev], source: directories.source)
            await bench.runtime.holdBuilds()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await scheduler.run() }
                try await bench.until("building") { try await scheduler.status().agents.first?.state == "building" }
                try await bench.until("watched") { directories.isWatched }
                directories.put("dev", .loaded(dev, files: "mended"))
                await bench.runtime.releaseBuilds()
                try await bench.advance(until: "read again", by: .milliseconds(100)) {
                    try await scheduler.status().activity.map(\.message).contains("hot-reloaded")
                }
                group.cancelAll()
            }
        }
    }

    @Test("what was changed while images were built is in force before anything waiting starts")
    func changedBeforeTheFirstRun() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let cron = try CronSchedule("0 0 1 1 *")
            let old = try agent("dev") {
                $0.instructions = "old"
                $0.schedule = cron
                $0.initialRun = true
                $0.scale = 2
            }
            var new = old
            new.instructions = "new"
            let directories = FakeDirectories([old])
            let scheduler = bench.scheduler([old], source: directories.source)
            await bench.runtime.holdBuilds()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await scheduler.run() }
                try await bench.until("building") { try await scheduler.status().agents.first?.state == "building" }
                try await bench.until("watched") { directories.isWatched }
                _ = try await scheduler.accept(delivery(1))
                directories.put("dev", .loaded(new, files: "mended"))
                await bench.settle()
                // The build takes longer than changes hold back anything.
                await bench.pass(10)
                await bench.runtime.releaseBuilds()
                try await bench.until("two runs") { await bench.runtime.launches.count == 2 }
                #expect(await bench.runtime.launches.map(\.agent.instructions) == ["new", "new"])
                group.cancelAll()
            }
        }
    }

    @Test("what could not be read for a moment is read again, though nobody tells that the moment is over")
    func unreadForAMoment() async throws {
        let old = try agent("dev") { $0.instructions = "old" }
        var new = old
        new.instructions = "new"
        try await withProject([old]) { [new] project in
            project.directories.put("dev", .invalid("agents: cannot be read; check its permissions"))
            try await project.reload("refused") { try await !project.scheduler.status().reloadProblems.isEmpty }
            await project.bench.pass(65)
            let refusals = project.bench.sink.messages("invalid configuration, the previous one stays")
            #expect(refusals.count == 1)
            project.directories.putSilently("dev", .loaded(new, files: "1"))
            try await project.reload("read") { try await project.activity().contains("hot-reloaded") }
            #expect(try await project.scheduler.status().reloadProblems.isEmpty)
        }
    }

    @Test("what is unusual in files that are read again is logged once")
    func unusual() async throws {
        let old = try agent("dev") { $0.instructions = "old" }
        var new = old
        new.instructions = "new"
        try await withProject([old]) { [new] project in
            let warning = "agents/dev/agent-config.toml:1: timeot: unknown key"
            project.directories.put("dev", .loaded(new, files: "1", warnings: [warning]))
            try await project.reload("read") { try await project.activity().contains("hot-reloaded") }
            project.directories.put("dev", .loaded(new, files: "1", warnings: [warning]))
            await project.bench.pass(5)
            let lines = project.bench.sink.messages("unusual configuration")
            #expect(lines.map { $0.fields["warning"] } == [.string(warning)])
        }
    }

    @Test("a slot that waits for its record is still owed after a reload that meets a store which cannot write")
    func reloadWhileUnwritten() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store) { _ in .init(exitCode: 0) }
            let cron = try CronSchedule("0 * * * *")
            let dev = try agent("dev") { $0.schedule = cron }
            let directories = FakeDirectories([dev])
            let isFull = Mutex(false)
            let broken = MortalStore(base: store, fuse: Fuse()) { isFull.withLock { $0 } }
            let scheduler = bench.scheduler([dev], source: directories.source, over: broken)
            try await bench.running(scheduler) {
                try await bench.until("watched") { directories.isWatched }
                isFull.withLock { $0 = true }
                try await bench.advance(until: "come due", by: .seconds(20)) {
                    !bench.sink.messages("recording slots failed").isEmpty
                }
                directories.put("dev", .loaded(dev, files: "1"))
                try await bench.advance(until: "read", by: .milliseconds(100)) {
                    try await scheduler.status().activity.map(\.message).contains("hot-reloaded")
                }
                isFull.withLock { $0 = false }
                try await bench.advance(until: "recorded") { try await !bench.slots().isEmpty }
                let hour = Date(timeIntervalSince1970: 1_700_002_800)
                #expect(try await bench.slotRecords().map(\.dueAt) == [hour])
            }
        }
    }

    @Test("a slot that only waits for its jitter fires at once when a reload takes the jitter away")
    func lessJitter() async throws {
        let cron = try CronSchedule("0 * * * *")
        let old = try agent("dev") {
            $0.schedule = cron
            $0.jitter = 600
        }
        var new = old
        new.jitter = 0
        // A few seconds after the hour began.
        let start = Date(timeIntervalSince1970: 1_699_999_200 - 30)
        try await withProject([old], start: start) { [new] project in
            let shown = try #require(try await project.status("dev")?.nextRunAt)
            try #require(shown > start + 120)
            await project.bench.pass(100)
            #expect(try await project.bench.slots().isEmpty)
            project.directories.put("dev", .loaded(new, files: "1"))
            try await project.reload("fired") { try await project.bench.slots() == ["fired"] }
            #expect(await project.bench.runtime.launches.count == 1)
            #expect(try await project.status("dev")?.nextRunAt == start + 30 + 3600)
        }
    }

    @Test("slots that a jump of the clock passed over are recorded when a reload sees them first")
    func reloadAfterJump() async throws {
        let cron = try CronSchedule("* * * * *")
        let dev = try agent("dev") { $0.schedule = cron }
        try await withProject([dev]) { project in
            project.bench.time.setWallClock(by: 600)
            project.directories.put("dev", .loaded(dev, files: "1"))
            try await project.reload("recorded") { try await project.bench.slots().count >= 10 }
            #expect(try await project.bench.slots().contains("missed"))
        }
    }

    @Test("slots that come a second time, because the clock was set back, are not said to be skipped once more")
    func reloadAfterSetBack() async throws {
        let cron = try CronSchedule("* * * * *")
        let dev = try agent("dev") { $0.schedule = cron }
        try await withProject([dev]) { project in
            let bench = project.bench
            try await bench.advance(until: "three slots") { try await bench.slots().count == 3 }
            bench.time.setWallClock(by: -120)
            project.directories.put("dev", .loaded(dev, files: "1"))
            try await project.reload("read") { try await project.activity().contains("hot-reloaded") }
            try await bench.advance(until: "the next") { try await bench.slots().count == 4 }
            let skipped = try await bench.slots().filter { $0 == "skipped busy" }
            #expect(skipped.count == 3)
            #expect(bench.sink.messages("all agent runners busy, skipping scheduled run").count == skipped.count)
        }
    }

    @Test("§19.14: a change is for future runs: one that is on keeps its configuration, its rerun has the new one")
    func changed() async throws {
        let old = try agent("dev") { $0.instructions = "old" }
        var new = old
        new.instructions = "new"
        try await withProject([old]) { [new] project in
            _ = try await project.scheduler.trigger("dev", prompt: nil)
            let first = try await project.bench.launched(1)
            project.directories.put("dev", .loaded(new, files: "1"))
            try await project.reload("reloaded") { try await project.activity().contains("hot-reloaded") }
            #expect(await project.bench.runtime.kills.isEmpty)
            await project.bench.runtime.finish(first, code: 42)
            _ = try await project.bench.launched(2)
            let texts = await project.bench.runtime.launches.map(\.agent.instructions)
            #expect(texts == ["old", "new"])
        }
    }

    @Test("a removed agent's runs are killed and its queue is dropped; it is not known any more")
    func removed() async throws {
        let dev = try agent("dev")
        try await withProject([dev, try agent("other") { $0.webhooks = [] }]) { project in
            for number in 1...3 { _ = try await project.scheduler.accept(delivery(number)) }
            let run = try await project.bench.launched(1)
            project.directories.put("dev", .absent)
            try await project.reload("removed") {
                try await project.activity().contains("dev removed (hot reload)")
            }
            let record = try await project.bench.ended(run)
            #expect(record.state == .killed && record.outcome?.reason == "agent removed")
            let store = project.bench.store
            try await project.bench.until("dropped") { try await store.queueDepths().isEmpty }
            let dropped = try await store.history.items(ItemQuery(agent: dev.name, state: .dropped))
            #expect(dropped.map(\.reason) == ["agent removed", "agent removed"])
            #expect(try await project.status("dev") == nil)
            await #expect(throws: RefusalError(code: .notFound, reason: "Agent dev not found")) {
                try await project.scheduler.trigger("dev", prompt: nil)
            }
            #expect(try await project.scheduler.accept(delivery(4)).matched == 0)
        }
    }

    @Test(
        "what waits for an agent whose directory is away for a moment waits until it is back",
        arguments: [true, false]
    )
    func awayForAMoment(isTold: Bool) async throws {
        let dev = try agent("dev")
        try await withProject([dev]) { project in
            for number in 1...2 { _ = try await project.scheduler.accept(delivery(number)) }
            let first = try await project.bench.launched(1)
            if isTold {
                project.directories.put("dev", .absent)
            } else {
                project.directories.putSilently("dev", .absent)
            }
            await project.bench.settle()
            await project.bench.runtime.finish(first)
            _ = try await project.bench.ended(first)
            await project.bench.settle()
            #expect(await project.bench.runtime.launches.count == 1)
            project.directories.put("dev", .loaded(dev, files: "0"))
            await project.bench.settle()
            #expect(await project.bench.runtime.launches.count == 1)
            try await project.reload("launched") { await project.bench.runtime.launches.count == 2 }
            #expect(await project.bench.runtime.launches.last?.event == "e2")
        }
    }

    @Test("what waits for an agent whose directory is gone is dropped and never started, though a runner is free")
    func goneForGood() async throws {
        let dev = try agent("dev")
        try await withProject([dev]) { project in
            for number in 1...3 { _ = try await project.scheduler.accept(delivery(number)) }
            let first = try await project.bench.launched(1)
            project.directories.putSilently("dev", .absent)
            await project.bench.runtime.finish(first)
            _ = try await project.bench.ended(first)
            try await project.reload("removed") { try await project.activity().contains("dev removed (hot reload)") }
            let store = project.bench.store
            try await project.bench.until("dropped") { try await store.queueDepths().isEmpty }
            let dropped = try await store.history.items(ItemQuery(agent: dev.name, state: .dropped))
            #expect(dropped.map(\.reason) == ["agent removed", "agent removed"])
            #expect(await project.bench.runtime.launches.count == 1)
        }
    }

    @Test("what comes for an agent while it is being removed is dropped like what waited before")
    func removedWhileItCame() async throws {
        let dev = try agent("dev")
        try await withProject([dev, try agent("other")]) { project in
            project.directories.put("dev", .absent)
            try await project.reload("removed") { try await project.activity().contains("dev removed (hot reload)") }
            _ = try await project.bench.store.enqueue(try StoreSamples.item("dev", "late"))
            let other = try #require(try await project.scheduler.trigger("other", prompt: nil).instance)
            _ = try await project.bench.launched(1)
            await project.bench.runtime.finish(other)
            try await project.bench.until("dropped") {
                try await project.bench.store.history.item("late")?.reason == "agent removed"
            }
        }
    }

    @Test("a delivery that is stored behind the removal of the only agent that heard it does not wait for ever")
    func storedBehindRemoval() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev")
            let directories = FakeDirectories([dev])
            let (comings, came) = AsyncStream.makeStream(of: Void.self)
            let (removals, removed) = AsyncStream.makeStream(of: Void.self)
            let slow = MortalStore(
                base: store,
                fuse: Fuse(),
                beforeRecording: {
                    came.finish()
                    for await _ in removals {}
                }
            )
            let scheduler = bench.scheduler([dev], source: directories.source, over: slow)
            try await bench.running(scheduler) {
                try await bench.until("watched") { directories.isWatched }
                let project = Project(bench: bench, directories: directories, scheduler: scheduler)
                async let answer = scheduler.accept(delivery(1))
                for await _ in comings {}
                directories.put("dev", .absent)
                try await project.reload("removed") {
                    try await project.activity().contains("dev removed (hot reload)")
                }
                removed.finish()
                #expect(try await answer.matched == 1)
                let dropped = try await store.history.items(ItemQuery(agent: dev.name, state: .dropped))
                #expect(dropped.map(\.reason) == ["agent removed"])
            }
        }
    }

    @Test("a run that was ordered while the files change is known at once and launched when they have come to rest")
    func orderedMeanwhile() async throws {
        let dev = try agent("dev")
        try await withProject([dev]) { project in
            project.directories.putSilently("dev", .absent)
            let instance = try #require(try await project.scheduler.trigger("dev", prompt: nil).instance)
            await project.bench.settle()
            #expect(await project.bench.runtime.launches.isEmpty)
            project.directories.put("dev", .loaded(dev, files: "0"))
            try await project.reload("launched") { await project.bench.runtime.launches.count == 1 }
            #expect(await project.bench.runtime.launches.first?.instance == instance)
        }
    }

    @Test("a run that was ordered right after a save has what was saved: the timeout, and its secrets are hidden")
    func orderedRightAfter() async throws {
        let old = try agent("dev") {
            $0.timeout = 60
            $0.model.headers = ["X-Api-Key": "key-of-before-0123456789"]
        }
        var new = old
        new.timeout = 600
        new.model.headers = ["X-Api-Key": "key-of-now-0123456789"]
        try await withProject([old]) { [new] project in
            project.directories.put("dev", .loaded(new, files: "1"))
            await project.bench.settle()
            let instance = try #require(try await project.scheduler.trigger("dev", prompt: nil).instance)
            try await project.reload("launched") { await project.bench.runtime.launches.count == 1 }
            #expect(try await project.bench.store.run(instance.run)?.timeout == 600)
            #expect(try await project.bench.store.run(instance.run)?.configHash == "hash of 600")
            await project.bench.runtime.print("it is key-of-now-0123456789", by: instance)
            try await project.bench.until("read") { !project.bench.sink.messages("output").isEmpty }
            let text = project.bench.sink.messages("output").first?.fields["text"]
            #expect(text == "it is [redacted:config.X-Api-Key]")
            await project.bench.pass(120)
            #expect(await project.bench.runtime.kills.isEmpty)
            try await project.bench.advance(until: "watchdog", by: .seconds(10)) {
                await !project.bench.runtime.kills.isEmpty
            }
            #expect(try await project.bench.ended(instance).outcome?.reason == "Timed out after 600s")
        }
    }

    @Test("a launch without an answer is repeated as it was, whatever the agent's files say meanwhile")
    func changedWhileAway() async throws {
        let old = try agent("dev") { $0.timeout = 60 }
        var new = old
        new.timeout = 600
        try await withProject([old]) { [new] project in
            let runtime = project.bench.runtime
            await runtime.loseNextAnswer()
            await runtime.refuse([.launch])
            await runtime.setSilence(RuntimeError(code: .unavailable, message: "away", isTransient: true))
            let instance = try #require(try await project.scheduler.trigger("dev", prompt: nil).instance)
            await project.bench.pass(40)
            project.directories.put("dev", .loaded(new, files: "1"))
            try await project.reload("reloaded") { try await project.activity().contains("hot-reloaded") }
            await project.bench.pass(40)
            await runtime.refuse([])
            await runtime.setSilence(nil)
            let store = project.bench.store
            try await project.bench.advance(until: "up") { try await store.run(instance.run)?.state == .running }
            #expect(try await store.run(instance.run)?.configHash == "hash of 60")
        }
    }

    @Test("a run that was ordered while its agent's directory moved is launched from where it is now")
    func moved() async throws {
        let dev = try agent("dev") { $0.directory = "/project/dev" }
        var moved = dev
        moved.directory = "/project/agents/dev"
        try await withProject([dev]) { [moved] project in
            project.directories.hide(dev.directory)
            project.directories.putSilently("dev", .loaded(moved, files: "0"))
            _ = try await project.scheduler.trigger("dev", prompt: nil)
            await project.bench.settle()
            #expect(await project.bench.runtime.launches.isEmpty)
            try await project.reload("launched") { await project.bench.runtime.launches.count == 1 }
            #expect(await project.bench.runtime.launches.first?.agent.directory == moved.directory)
        }
    }

    @Test(
        "a directory that is missing at a glance, though its configuration is read, holds nothing back for good",
        arguments: [true, false],
        [true, false]
    )
    func disagreement(isValid: Bool, isOrdered: Bool) async throws {
        let dev = try agent("dev") { $0.directory = "/project/dev" }
        try await withProject([dev]) { project in
            project.directories.hide(dev.directory)
            project.directories.putSilently("dev", isValid ? .loaded(dev, files: "0") : .invalid("bad"))
            if isOrdered {
                _ = try await project.scheduler.trigger("dev", prompt: nil)
            } else {
                _ = try await project.scheduler.accept(delivery(1))
            }
            await project.bench.pass(4)
            #expect(await project.bench.runtime.launches.isEmpty)
            try await project.reload("launched") { await project.bench.runtime.launches.count == 1 }
        }
    }

    @Test("an invalid configuration leaves the previous one in force and shows why; the corrected one applies")
    func invalid() async throws {
        let dev = try agent("dev")
        var corrected = dev
        corrected.instructions = "better"
        try await withProject([dev]) { [corrected] project in
            project.directories.put("dev", .invalid("agents/dev/agent-config.toml:3: scale: expected a number"))
            try await project.reload("refused") { try await project.status("dev")?.lastError != nil }
            let error = try await project.status("dev")?.lastError
            #expect(error == "Invalid config: agents/dev/agent-config.toml:3: scale: expected a number")
            #expect(try await project.scheduler.trigger("dev", prompt: nil).instance != nil)
            // The run is a new beginning; the file is still wrong.
            #expect(try await project.status("dev")?.lastError == nil)
            let problem = try #require(error) + " (the previous configuration stays in force)"
            #expect(try await project.scheduler.status().reloadProblems == ["dev": problem])
            project.directories.put("dev", .loaded(corrected, files: "1"))
            try await project.reload("applied") { try await project.activity().contains("hot-reloaded") }
            #expect(try await project.scheduler.status().reloadProblems.isEmpty)
        }
    }

    @Test("an invalid newcomer is named although it is no agent, until it is valid or gone")
    func invalidNewcomers() async throws {
        let fixed = try agent("new")
        try await withProject([try agent("old")]) { project in
            for name in ["new", "gone", "No Name"] { project.directories.put(name, .invalid("bad")) }
            try await project.reload("refused") {
                try await project.scheduler.status().reloadProblems.keys.sorted() == ["No Name", "gone", "new"]
            }
            #expect(try await project.status("new") == nil)
            let lines = project.bench.sink.messages("invalid configuration, there is no previous one")
            #expect(lines.count == 3)
            project.directories.put("new", .loaded(fixed, files: "1"))
            project.directories.put("gone", .absent)
            project.directories.put("No Name", .absent)
            try await project.reload("settled") { try await project.scheduler.status().reloadProblems.isEmpty }
            #expect(try await project.status("new")?.lastError == nil)
        }
    }

    @Test("an image that cannot be rebuilt leaves configuration and image as they were")
    func brokenBuild() async throws {
        let dev = try agent("dev") { $0.instructions = "old" }
        var new = dev
        new.instructions = "new"
        try await withProject([dev]) { [new] project in
            await project.bench.runtime.setImages([dev.name: .failed("no such package")])
            project.directories.put("dev", .loaded(new, files: "1"))
            try await project.reload("failed") { try await project.status("dev")?.lastError != nil }
            #expect(try await project.status("dev")?.lastError == "Hot reload error: no such package")
            #expect(try await project.status("dev")?.state == "idle")
            _ = try await project.scheduler.trigger("dev", prompt: nil)
            _ = try await project.bench.launched(1)
            #expect(await project.bench.runtime.launches.first?.agent.instructions == "old")
        }
    }

    @Test("a new agent whose image fails is in error and keeps what comes for it; a corrected file builds it")
    func brokenNewcomer() async throws {
        let newcomer = try agent("new")
        try await withProject([try agent("old") { $0.webhooks = [] }]) { project in
            await project.bench.runtime.setImages([newcomer.name: .failed("no such package")])
            project.directories.put("new", .loaded(newcomer, files: "1"))
            try await project.reload("failed") { try await project.status("new")?.state == "error" }
            let problems = try await project.scheduler.status().reloadProblems
            #expect(problems == ["new": "Hot reload error: no such package"])
            #expect(try await project.scheduler.accept(delivery(1)).matched == 1)
            await project.bench.settle()
            #expect(await project.bench.runtime.launches.isEmpty)
            await project.bench.runtime.setImages([:])
            project.directories.put("new", .loaded(newcomer, files: "1"))
            try await project.reload("run") { await project.bench.runtime.launches.count == 1 }
        }
    }

    @Test("scale 0 takes schedule and webhooks away and a higher one brings them back; runners follow the number")
    func scale() async throws {
        let cron = try CronSchedule("0 * * * *")
        let dev = try agent("dev") { $0.schedule = cron }
        func scaled(_ scale: Int) -> AgentConfig {
            var agent = dev
            agent.scale = scale
            return agent
        }
        try await withProject([dev]) { project in
            project.directories.put("dev", .loaded(scaled(0), files: "1"))
            try await project.reload("off") { try await project.status("dev")?.isEnabled == false }
            try await project.bench.until("no next run") { try await project.status("dev")?.nextRunAt == nil }
            #expect(try await project.scheduler.accept(delivery(1)).counts == DeliveryResult(matched: 0, skipped: 0))
            project.directories.put("dev", .loaded(scaled(2), files: "1"))
            try await project.reload("on") { try await project.status("dev")?.isEnabled == true }
            try await project.bench.until("a next run") { try await project.status("dev")?.nextRunAt != nil }
            for number in 2...4 { _ = try await project.scheduler.accept(delivery(number)) }
            _ = try await project.bench.launched(2)
            project.directories.put("dev", .loaded(scaled(1), files: "1"))
            try await project.reload("lowered") { try await project.status("dev")?.scale == 1 }
            await project.bench.runtime.finish(try await project.bench.launched(1))
            _ = try await project.bench.ended(try await project.bench.launched(1))
            await project.bench.settle()
            #expect(await project.bench.runtime.launches.count == 2)
            await project.bench.runtime.finish(try await project.bench.launched(2))
            _ = try await project.bench.launched(3)
        }
    }

    @Test("another schedule replaces the old one; being disabled and paused outlives a reload")
    func scheduleAndFlags() async throws {
        let (daily, hourly) = (try CronSchedule("0 0 * * *"), try CronSchedule("0 * * * *"))
        let dev = try agent("dev") { $0.schedule = daily }
        var changed = dev
        changed.schedule = hourly
        try await withProject([dev]) { [changed] project in
            let before = try #require(try await project.status("dev")?.nextRunAt)
            try await project.scheduler.setEnabled(false, agent: "dev")
            try await project.scheduler.setPaused(true)
            project.directories.put("dev", .loaded(changed, files: "1"))
            try await project.reload("reloaded") { try await project.activity().contains("hot-reloaded") }
            #expect(try await project.status("dev")?.isEnabled == false)
            #expect(try await project.status("dev")?.nextRunAt == nil)
            #expect(try await project.scheduler.status().isPaused)
            try await project.scheduler.setEnabled(true, agent: "dev")
            let after = try #require(try await project.status("dev")?.nextRunAt)
            #expect(after < before)
        }
    }

    @Test("several saves are one pass, and what is no agent is ignored")
    func debounced() async throws {
        let dev = try agent("dev")
        try await withProject([dev]) { project in
            for _ in 1...5 { project.directories.put("dev", .loaded(dev, files: "1")) }
            project.directories.put("notes", .absent)
            try await project.reload("reloaded") { try await project.activity().contains("hot-reloaded") }
            await project.bench.settle()
            #expect(project.directories.loaded.filter { $0 == "dev" }.count == 1)
            #expect(try await project.activity() == ["hot-reloaded"])
        }
    }

    @Test("after lost events everything is compared, and only what differs is read in")
    func lostEvents() async throws {
        let (dev, ops) = (try agent("dev"), try agent("ops"))
        var changed = ops
        changed.instructions = "new"
        try await withProject([dev, ops]) { [changed] project in
            project.directories.put("ops", .loaded(changed, files: "1"), tell: .everything)
            try await project.reload("reloaded") { try await project.activity().contains("hot-reloaded") }
            #expect(try await project.scheduler.status().activity.map(\.agent) == ["ops"])
        }
    }
}
