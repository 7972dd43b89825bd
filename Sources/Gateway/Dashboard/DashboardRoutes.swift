import Domain
import FoundationEssentials
import Hummingbird
import Scheduler
import Storage

/// The pages behind the login.
struct DashboardRoutes {
    let dependencies: GatewayDependencies
    let options: GatewayOptions
    let snapshots: StatusSnapshots
    let pages: DashboardPages

    var all: [Route] {
        [
            Route(.get, "/dashboard", plane: .operators) { _ in try await overview() },
            Route(.get, "/dashboard/agents/:name/logs", plane: .operators) { call in
                .page(pages.logs(of: try LogRoutes.agentName(call)))
            },
        ]
    }

    private func overview() async throws -> Response {
        let status = try await snapshots.status()
        let runs = try await dependencies.operators.history.runs(RunQuery(limit: 20)).runs
        let hasWebhooks = await !dependencies.intake.webhookSources.isEmpty
        let page = DashboardPages.Overview(
            title: status.projectName ?? options.projectName ?? "Action Llama",
            version: options.version,
            mode: status.mode.rawValue,
            cronJobs: status.cronJobCount,
            webhooks: hasWebhooks ? "active" : "inactive",
            startedAt: text(status.startedAt),
            isPaused: status.isPaused,
            agents: status.agents.map(row),
            runs: runs.map(line),
            activity: status.activity.suffix(20).map {
                .init(time: text($0.time), subject: $0.agent, text: $0.message, state: "")
            },
            hasActivity: !status.activity.isEmpty
        )
        return .page(pages.overview(page))
    }

    private func row(_ agent: AgentStatus) -> DashboardPages.AgentRow {
        let label: String =
            switch (agent.state, agent.scale > 1) {
            case ("running", true): "running \(agent.runningCount)/\(agent.scale)"
            case ("idle", true): "idle (×\(agent.scale))"
            default: agent.state
            }
        return .init(
            name: agent.name.rawValue,
            state: agent.state,
            stateLabel: agent.isEnabled ? label : "\(label), disabled",
            detail: agent.statusText ?? agent.lastError ?? "—",
            lastRun: agent.lastRunAt.map(text) ?? "—",
            nextRun: agent.nextRunAt.map(text) ?? "—",
            queued: agent.queuedItems,
            isEnabled: agent.isEnabled
        )
    }

    private func line(_ run: RunRecord) -> DashboardPages.Line {
        .init(
            time: text(run.startedAt),
            subject: run.instance.rawValue,
            text: run.outcome?.reason ?? run.trigger.reasonLabel,
            state: run.state.rawValue
        )
    }

    private func text(_ time: Date) -> String { time.isoText.stringValue ?? "" }
}
