import Domain
import Scheduler
import Terminal

/// What stands above the agents: project, mode, counts, addresses.
struct LiveHeader {
    let state: LiveState

    /// From the top; fewer where there are few rows.
    var lines: [StyledText] {
        guard let status = state.snapshot?.status else { return [] }
        let columns = state.size.columns
        let titles = [title(status, isLong: true), title(status, isLong: false)]
        var lines = titles.first { $0.width <= columns }.map { [$0] } ?? titles[1].wrapped(to: columns, indent: 2)
        if status.isStopping {
            let running = status.agents.reduce(0) { $0 + $1.runningCount }
            lines.append(StyledText("▐▐ Stopping: waiting for \(LiveText.count(running, "run"))", .yellow))
        } else if status.isPaused {
            lines.append(StyledText("▐▐ Scheduler paused", .yellow))
        }
        lines += status.problems.map { StyledText($0, .red) }
        if state.size.rows >= 16 { lines += addresses }
        return lines
    }

    private func title(_ status: SchedulerStatus, isLong: Bool) -> StyledText {
        let enabled = status.agents.count { $0.isEnabled }
        let agents = LiveText.count(status.agents.count, "agent")
        let detail = isLong ? " (\(enabled) enabled, \(status.agents.count - enabled) disabled)" : ""
        return StyledText("Action Llama", .bold)
            + StyledText(" — \(state.facts.project) (\(Self.mode(status.mode)) mode) — \(agents)\(detail)")
            + StyledText(", \(LiveText.count(status.cronJobCount, "cron job"))")
    }

    private static func mode(_ kind: RuntimeKind) -> String { kind == .docker ? "Docker" : kind.rawValue }

    private var addresses: [StyledText] {
        let port = state.facts.port.map { ":\($0)" } ?? "starting"
        let types = state.facts.webhookTypes
        var lines = [StyledText("Gateway: \(port) | Webhooks: \(types.isEmpty ? "inactive" : "active")")]
        guard let port = state.facts.port, state.size.rows >= 20 else { return lines }
        lines += types.map { StyledText("http://localhost:\(port)/webhooks/\($0)", .dim) }
        if state.facts.hasDashboard {
            lines.append(StyledText("Dashboard: ") + StyledText("http://localhost:\(port)/dashboard", .cyan))
        }
        return lines
    }
}
