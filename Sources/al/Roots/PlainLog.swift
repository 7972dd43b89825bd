import Domain
import Foundation
import Gateway
import Scheduler
import Terminal

/// What `al start -H` prints of the scheduler's status: a line for each change.
struct PlainLog {
    /// What does not change while the scheduler runs.
    struct Facts: Hashable, Sendable {
        /// Stands in each line; `nil` = the project has no name.
        var project: String?
        /// The gateway's; 0 = not known yet.
        var port = 0
        /// Types of the project's webhook sources.
        var webhookTypes: [String]
        var hasDashboard: Bool
        /// Whether a shutdown waits for the runs.
        var drainsOnShutdown = false
    }

    private let facts: Facts
    private var shown: [AgentName: AgentStatus] = [:]
    private var activity: [ActivityLine] = []
    /// The last line of each kind that concerns no agent.
    private var general: [String: String] = [:]

    init(_ facts: Facts) { self.facts = facts }

    /// The lines to print now that the status is this one.
    mutating func lines(for status: SchedulerStatus, at now: Date) -> [String] {
        var lines: [String] = []
        for (kind, text) in generalTexts(status) where general[kind] != text {
            general[kind] = text
            lines.append(line(text, at: now))
        }
        let last = activity.last.flatMap { status.activity.lastIndex(of: $0) }
        if last == nil, let first = status.activity.first, !activity.isEmpty {
            lines.append(line("… more happened at once than is kept: some lines are left out", at: first.time))
        }
        lines += status.activity[(last.map { $0 + 1 } ?? 0)...].map { line("\($0.agent): \($0.message)", at: $0.time) }
        activity = status.activity
        for agent in status.agents {
            let texts = texts(of: agent, before: shown[agent.name], since: status.startedAt)
            lines += texts.map { line("\(agent.name): \($0)", at: now) }
        }
        shown = Dictionary(uniqueKeysWithValues: status.agents.map { ($0.name, $0) })
        return lines
    }

    /// The last line, once the scheduler is told to end.
    func lastLine(for status: SchedulerStatus, at now: Date) -> String {
        let runs = status.agents.reduce(0) { $0 + $1.runningCount }
        return line(ShutdownSentence.text(runs: runs, drains: facts.drainsOnShutdown), at: now)
    }

    private func generalTexts(_ status: SchedulerStatus) -> [(String, String)] {
        let webhooks = facts.webhookTypes.isEmpty ? "inactive" : "active"
        let started =
            "scheduler started (mode=\(status.mode.rawValue), runtime=\(status.mode.place), gateway=:\(facts.port), "
            + "cron_jobs=\(status.cronJobCount), webhooks=\(webhooks))"
        let base = "http://localhost:\(facts.port)"
        var texts = [("started", started)]
        if let step = status.baseImageStep { texts.append(("base image", "base image: \(step)")) }
        texts += facts.webhookTypes.map { ("listening \($0)", "listening: \(base)/webhooks/\($0)") }
        if facts.hasDashboard { texts.append(("dashboard", "dashboard: \(base)/dashboard")) }
        return texts
    }

    private func texts(of agent: AgentStatus, before: AgentStatus?, since start: Date) -> [String] {
        var texts: [String] = []
        let hasEnded = agent.lastRunAt != before?.lastRunAt || agent.lastRunDuration != before?.lastRunDuration
        // The status also knows the last runs of earlier schedulers.
        if hasEnded, let end = agent.lastRunEnd, end >= start { texts += Self.end(of: agent) }
        if let text = Self.state(of: agent), text != before.flatMap(Self.state) { texts.append(text) }
        return texts
    }

    /// What an agent is at, in the words that are repeated only when they change; `nil` = nothing.
    private static func state(of agent: AgentStatus) -> String? {
        let status = agent.statusText.map { ": \($0)" } ?? ""
        switch agent.state {
        case "building": return "building\(status)"
        case "running": return "running (\(agent.runReason ?? "unknown"))\(status)"
        case "error": return agent.lastError.map { "error: \($0)" }
        default: return nil
        }
    }

    private static func end(of agent: AgentStatus) -> [String] {
        var texts: [String] = []
        // How others ended is told with the agent's state, or with the run.
        if agent.lastRunState == .succeeded, let seconds = agent.lastRunSeconds {
            let usage = agent.lastRunUsage.map { usage in
                " | \(usage.total) tokens" + (usage.cost.map { " (\(LiveText.cost($0)))" } ?? "")
            }
            texts.append("completed (\(seconds))\(usage ?? "")")
        }
        if let next = agent.nextRunAt { texts.append("next run: \(next.isoText)") }
        return texts
    }

    private func line(_ text: String, at time: Date) -> String {
        "[\(time.isoText)] \(facts.project.map { "[\($0)] " } ?? "")\(text.oneLine)"
    }
}

extension AgentStatus {
    /// When the last run ended.
    fileprivate var lastRunEnd: Date? {
        guard let lastRunAt, let lastRunDuration else { return nil }
        return lastRunAt + Double(lastRunDuration) / 1000
    }
}
