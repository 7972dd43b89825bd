import Testing
import Domain
import Foundation
import Scheduler
import Terminal

@testable import al

/// States of the live view to look at.
enum LiveSamples {
    /// 2026-01-15T10:00:00Z.
    static let now = Date(timeIntervalSince1970: 1_768_471_200)

    static let facts = LiveFacts(project: "shop", port: 8080, webhookTypes: ["github"], hasDashboard: true)

    /// Four agents in different states, one with a wide name in its status.
    static func snapshot() throws -> LiveSnapshot {
        var dev = AgentStatus(name: try AgentName("dev"), scale: 3)
        dev.description = "Implements issues"
        dev.state = "running"
        dev.runningCount = 2
        dev.statusText = "正在修复 issue #42 🚀"
        dev.queuedItems = 4
        dev.lastRunAt = now - 310
        dev.lastRunDuration = 80_400
        dev.lastRunUsage = TokenUsage(input: 12_000, output: 345, cost: 0.0421)
        var reviewer = AgentStatus(name: try AgentName("reviewer"), scale: 1)
        reviewer.nextRunAt = now + 12_000
        reviewer.lastRunAt = now - 45
        reviewer.lastRunDuration = 900
        var planner = AgentStatus(name: try AgentName("planner-of-everything"), scale: 1)
        planner.state = "error"
        planner.lastError =
            "exit code 3: the tests of the repository do not pass, and nobody told me what to do about it"
        planner.nextRunAt = now + 29
        var digest = AgentStatus(name: try AgentName("weekly-digest"), scale: 1)
        digest.isEnabled = false
        let status = SchedulerStatus(
            mode: .docker,
            projectName: "shop",
            isInitializing: false,
            isPaused: false,
            isStopping: false,
            startedAt: now - 3600,
            cronJobCount: 2,
            agents: [dev, planner, reviewer, digest],
            instances: try instances(),
            activity: activity(7),
            problems: []
        )
        return LiveSnapshot(
            status: status,
            today: [dev.name: .init(runs: 14, cost: 0.4312), reviewer.name: .init(runs: 1, cost: nil)]
        )
    }

    private static func instances() throws -> [InstanceStatus] {
        try [("0a1b2c3d", 95.0, "webhook:issues"), ("4e5f6a7b", 12, "manual")].map { run, age, trigger in
            InstanceStatus(
                instance: InstanceID(agent: try AgentName("dev"), run: try #require(RunID(run))),
                status: "running",
                startedAt: now - age,
                trigger: trigger
            )
        }
    }

    static func activity(_ count: Int) -> [ActivityLine] {
        (0..<count).map { number in
            let isWebhook = number % 3 == 2
            let message = isWebhook ? "github: dispatched to 1 agent" : "dev-0a1b2c3d line \(number)"
            let time: Date = now - Double(count - number) * 10
            return ActivityLine(time: time, agent: isWebhook ? "webhook" : "dev", message: message)
        }
    }

    /// The live view as it is with the sample agents.
    static func state(columns: Int, rows: Int) throws -> LiveState {
        var state = LiveState(facts: facts, size: TerminalSize(columns: columns, rows: rows))
        state.take(try snapshot())
        return state
    }

    /// The picture without colours; clocks, which depend on the machine's zone, as `hh:mm:ss`.
    static func picture(_ state: LiveState) -> [String] {
        LiveScreen(state: state, now: now).lines.map { line in
            var text = line.plain.replacing(#/\b\d\d:\d\d:\d\d\b/#) { _ in "hh:mm:ss" }
            while text.last == " " { text.removeLast() }
            return text
        }
    }
}
