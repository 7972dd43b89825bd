package import Domain
import FoundationEssentials
import Hummingbird
import OrderedCollections
import Scheduler

/// The scheduler's status in the forms that clients read.
struct StatusSnapshots: Sendable {
    let dependencies: GatewayDependencies
    let options: GatewayOptions
    let state: GatewayState

    /// The status itself.
    func status() async throws -> SchedulerStatus { try await dependencies.operators.status() }

    /// `GET /control/status`.
    func control() async throws -> JSONValue {
        let status = try await status()
        let queues = status.agents.map { ($0.name.rawValue, JSONValue.int($0.queuedItems)) }
        return [
            "scheduler": await info(of: status),
            "instances": .array(status.instances.map(\.json)),
            "agents": .array(status.agents.map(\.json)),
            "running": .int(status.agents.reduce(0) { $0 + $1.runningCount }),
            "queueSizes": .object(.init(queues, uniquingKeysWith: { _, last in last })),
            "dropped": try await HistoryDocuments.dropped(in: dependencies.operators.history, now: dependencies.now()),
            "spentBudgets": .array(try await dependencies.operators.spentBudgets().map(\.json)),
            "reloadProblems": .object(
                .init(uniqueKeysWithValues: status.reloadProblems.sorted { $0.key < $1.key }.map { ($0, .string($1)) })
            ),
        ]
    }

    /// One event of the status stream.
    func event() async throws -> JSONValue {
        let status = try await status()
        return [
            "agents": .array(status.agents.map(\.json)),
            "schedulerInfo": await info(of: status),
            "recentLogs": .array(status.activity.suffix(20).map(\.json)),
        ]
    }

    /// The scheduler without its agents.
    func info(of status: SchedulerStatus) async -> JSONValue {
        let types = Set(dependencies.intake.webhookSources.values.map(\.type)).sorted()
        let base = state.port.map { "http://localhost:\($0)" }
        let urls = base.map { base in types.map { JSONValue.string("\(base)/webhooks/\($0)") } } ?? []
        return .object([
            "mode": .string(status.mode.rawValue),
            "runtime": .string(status.mode.place),
            "stopping": status.isStopping ? .some(true) : .none,
            "projectName": (status.projectName ?? options.projectName).map(JSONValue.string),
            "gatewayPort": state.port.map { .int($0) } ?? .null,
            "cronJobCount": .int(status.cronJobCount),
            "webhooksActive": .bool(!types.isEmpty),
            "webhookUrls": .array(urls),
            "dashboardUrl": options.hasWebUI ? base.map { .string("\($0)/dashboard") } : .none,
            "startedAt": status.startedAt.json,
            "paused": .bool(status.isPaused),
            "initializing": status.isInitializing ? .some(true) : .none,
            "baseImage": status.baseImageStep.map(JSONValue.string),
        ])
    }
}

extension RuntimeKind {
    /// Where the agents run, as the status names it.
    package var place: String { self == .sshDocker ? "vps" : "local" }
}

extension AgentStatus {
    /// All keys are present, null when empty.
    var json: JSONValue {
        [
            "name": .string(name.rawValue),
            "description": description.map(JSONValue.string) ?? .null,
            "state": .string(state),
            "enabled": .bool(isEnabled),
            "statusText": statusText.map(JSONValue.string) ?? .null,
            "lastError": lastError.map(JSONValue.string) ?? .null,
            "lastRunAt": lastRunAt?.json ?? .null,
            "lastRunDuration": lastRunDuration.map { .int($0) } ?? .null,
            "nextRunAt": nextRunAt?.json ?? .null,
            "queuedWebhooks": .int(queuedItems),
            "scale": .int(scale),
            "runningCount": .int(runningCount),
            "taskUrl": .null,
            "runReason": runReason.map(JSONValue.string) ?? .null,
            "lastRunUsage": lastRunUsage?.json ?? .null,
            "cumulativeUsage": cumulativeUsage?.json ?? .null,
        ]
    }
}

extension InstanceStatus {
    var json: JSONValue {
        .object([
            "id": .string(instance.rawValue),
            "agentName": .string(instance.agent.rawValue),
            "status": .string(status),
            "startedAt": startedAt.json,
            "trigger": .string(trigger),
            "statusText": statusText.map(JSONValue.string),
        ])
    }
}

extension ActivityLine {
    var json: JSONValue { ["timestamp": time.json, "agent": .string(agent), "message": .string(message)] }
}
