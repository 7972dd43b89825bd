import Domain
import Foundation
import Scheduler
import Testing

@testable import al

@Suite("Lines of al start -H")
struct PlainLogTests {
    /// 2026-01-15T10:00:00Z.
    private static let now = LiveSamples.now

    private func status(
        _ agents: [AgentStatus],
        activity: [ActivityLine] = [],
        baseImageStep: String? = nil
    ) -> SchedulerStatus {
        SchedulerStatus(
            mode: .docker,
            projectName: nil,
            isInitializing: false,
            baseImageStep: baseImageStep,
            isPaused: false,
            isStopping: false,
            startedAt: Self.now,
            cronJobCount: 1,
            agents: agents,
            instances: [],
            activity: activity,
            problems: []
        )
    }

    /// What a change of an agent prints, without the time.
    private func lines(_ log: inout PlainLog, _ status: SchedulerStatus) -> [String] {
        log.lines(for: status, at: Self.now).map { $0.replacing("[2026-01-15T10:00:00.000Z] ", with: "") }
    }

    @Test("the head tells mode, gateway and addresses, and is not repeated")
    func head() throws {
        var log = PlainLog(.init(project: "shop", port: 8080, webhookTypes: ["github"], hasDashboard: true))
        let first = log.lines(for: status([], baseImageStep: "STEP 1/4"), at: Self.now)
        #expect(
            first == [
                "[2026-01-15T10:00:00.000Z] [shop] scheduler started "
                    + "(mode=docker, runtime=local, gateway=:8080, cron_jobs=1, webhooks=active)",
                "[2026-01-15T10:00:00.000Z] [shop] base image: STEP 1/4",
                "[2026-01-15T10:00:00.000Z] [shop] listening: http://localhost:8080/webhooks/github",
                "[2026-01-15T10:00:00.000Z] [shop] dashboard: http://localhost:8080/dashboard",
            ]
        )
        #expect(log.lines(for: status([], baseImageStep: "STEP 1/4"), at: Self.now).isEmpty)
        #expect(lines(&log, status([], baseImageStep: "STEP 2/4")) == ["[shop] base image: STEP 2/4"])
    }

    @Test("runs on a server are told as such")
    func place() {
        var log = PlainLog(.init(project: nil, port: 8080, webhookTypes: [], hasDashboard: false))
        var status = status([])
        status.mode = .sshDocker
        #expect(lines(&log, status)[0].contains("(mode=ssh-docker, runtime=vps,"))
    }

    @Test("what an agent writes is one line, whatever it contains")
    func forgedLine() throws {
        var log = PlainLog(.init(project: nil, port: 8080, webhookTypes: [], hasDashboard: false))
        var dev = AgentStatus(name: try AgentName("dev"), scale: 1)
        dev.state = "running"
        dev.runReason = "manual"
        dev.statusText = "ok\n[2026-01-15T10:00:00.000Z] scheduler: stopped"
        #expect(lines(&log, status([dev])).last == "dev: running (manual): ok scheduler: stopped")
    }

    @Test("an agent's life is a line for each change")
    func life() throws {
        var log = PlainLog(.init(project: nil, port: 8080, webhookTypes: [], hasDashboard: false))
        var dev = AgentStatus(name: try AgentName("dev"), scale: 1)
        // The run of an earlier scheduler is no news.
        dev.lastRunAt = Self.now - 60
        dev.lastRunDuration = 1000
        #expect(lines(&log, status([dev])).count == 1)
        dev.state = "building"
        #expect(lines(&log, status([dev])) == ["dev: building"])
        dev.statusText = "STEP 2/3"
        #expect(lines(&log, status([dev])) == ["dev: building: STEP 2/3"])
        dev.state = "running"
        dev.statusText = nil
        dev.runReason = "webhook"
        let started = ActivityLine(time: Self.now, agent: "dev", message: "dev-0a1b2c3d started (webhook)")
        let running = status([dev], activity: [started])
        #expect(lines(&log, running) == ["dev: dev-0a1b2c3d started (webhook)", "dev: running (webhook)"])
        #expect(lines(&log, running).isEmpty)
        dev.statusText = "reading"
        #expect(lines(&log, status([dev], activity: [started])) == ["dev: running (webhook): reading"])
        dev.state = "idle"
        // Of a command that did not succeed in a run that did.
        dev.lastError = "$ grep x"
        dev.statusText = nil
        dev.lastRunAt = Self.now + 1
        dev.lastRunDuration = 12_345
        dev.lastRunState = .succeeded
        dev.lastRunUsage = TokenUsage(input: 45_000, output: 231, cost: 0.1234)
        dev.nextRunAt = Self.now + 3600
        #expect(
            lines(&log, status([dev], activity: [started])) == [
                "dev: completed (12.3s) | 45231 tokens ($0.1234)", "dev: next run: 2026-01-15T11:00:00.000Z",
            ]
        )
        dev.state = "error"
        dev.lastError = "exit code 3"
        dev.lastRunAt = Self.now + 100
        dev.lastRunState = .failed
        dev.nextRunAt = nil
        #expect(lines(&log, status([dev], activity: [started])) == ["dev: error: exit code 3"])
        // The next one was at work before anybody looked.
        dev.state = "running"
        dev.lastRunAt = Self.now + 200
        dev.lastRunState = .killed
        #expect(lines(&log, status([dev], activity: [started])) == ["dev: running (webhook)"])
    }

    @Test("of many activity lines each is printed once")
    func activity() throws {
        var log = PlainLog(.init(project: nil, port: 8080, webhookTypes: [], hasDashboard: false))
        let all = (0..<10).map { ActivityLine(time: Self.now, agent: "webhook", message: "m\($0)") }
        _ = lines(&log, status([], activity: Array(all[..<3])))
        #expect(lines(&log, status([], activity: Array(all[1..<7]))) == (3..<7).map { "webhook: m\($0)" })
        #expect(
            lines(&log, status([], activity: Array(all[8...])))
                == [
                    "… more happened at once than is kept: some lines are left out", "webhook: m8", "webhook: m9",
                ]
        )
    }

    @Test(
        "the last line says what becomes of the runs",
        arguments: [
            (0, false, "Scheduler stopped."), (0, true, "Scheduler stopped."),
            (1, false, "Scheduler stopped. 1 run goes on; the next al start adopts it."),
            (2, false, "Scheduler stopped. 2 runs go on; the next al start adopts them."),
            (1, true, "Waiting for 1 run; Ctrl+C again leaves it to the next al start."),
            (2, true, "Waiting for 2 runs; Ctrl+C again leaves them to the next al start."),
        ]
    )
    func lastLine(runs: Int, drains: Bool, text: String) throws {
        let log = PlainLog(
            .init(project: "shop", port: 1, webhookTypes: [], hasDashboard: false, drainsOnShutdown: drains)
        )
        var dev = AgentStatus(name: try AgentName("dev"), scale: 3)
        dev.runningCount = runs
        #expect(log.lastLine(for: status([dev]), at: Self.now) == "[2026-01-15T10:00:00.000Z] [shop] \(text)")
    }
}
