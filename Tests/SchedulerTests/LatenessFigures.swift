import Domain
import Foundation
import Logging
import Runtimes
import Storage
import TestSupport
import Testing

@testable import Scheduler

/// A runtime whose runs are over as soon as they began.
private struct InstantRuntime: Runtime {
    let kind = RuntimeKind.host
    let controlsEgress = false

    func prepare(project: ProjectID) -> GatewayRoute { GatewayRoute(listenAddress: nil, host: "127.0.0.1") }

    func launch(_ launch: Launch) -> RunHandle { RunHandle(rawValue: launch.instance.rawValue) }

    func follow(_ handle: RunHandle, from position: String?, onLine: @escaping @Sendable (OutputLine) async -> Void) {}

    func wait(for handle: RunHandle) -> RunEnd { RunEnd(code: 0, cause: .exited) }

    func kill(_ handle: RunHandle, grace: Duration) {}

    func list(project: ProjectID) -> [KnownRun] { [] }

    func remove(_ handle: RunHandle) {}
}

/// Prints how late slots are decided with many schedules: `AL_FIGURES=1 swift test --filter LatenessFigures`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["AL_FIGURES"] != nil))
struct LatenessFigures {
    @Test("ten thousand schedules: each due slot starts its run, and this late", .timeLimit(.minutes(5)))
    func lateness() async throws {
        try await withTemporaryStore { store in
            let agents = try (0..<10_000).map { number in
                let cron = try CronSchedule("\(number % 60) * * * * *")
                return try agent("a\(number)") {
                    $0.schedule = cron
                    $0.webhooks = []
                }
            }
            let sink = MemorySink()
            let scheduler = Scheduler(
                SchedulerSetup(
                    store: store,
                    runtime: InstantRuntime(),
                    agents: agents,
                    config: ProjectConfig(),
                    project: ProjectDirectory(id: ProjectID(rawValue: "0123456789ab"), path: "/project"),
                    clock: ContinuousClock(),
                    now: { Date() },
                    makeRunBits: { UInt32.random(in: .min ... .max) },
                    makeUUID: { UUID().uuidString },
                    logger: Logger(label: "scheduler") { _ in SwiftLogNoOpLogHandler() },
                    logSink: sink,
                    defaultZone: .gmt,
                    prompt: { _ in "" },
                    configHash: { _ in "" }
                )
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await scheduler.run() }
                try await Task.sleep(for: .seconds(40))
                group.cancelAll()
                while await group.nextResult() != nil {}
            }
            let runs = try await store.runs(of: nil, limit: 100_000)
            let late = runs.compactMap { run -> Double? in
                guard case .schedule(let slot) = run.trigger, let slot else { return nil }
                return run.startedAt.timeIntervalSince(slot) * 1000
            }.sorted()
            try #require(late.count > 1000)
            #expect(Set(runs.map(\.trigger)).count > 20)
            let (half, most) = (late[late.count / 2], late[late.count * 99 / 100])
            print("slots \(late.count), lateness ms: p50 \(half), p99 \(most), max \(late[late.count - 1])")
        }
    }
}
