import Domain
import FoundationEssentials
import Hummingbird
import Scheduler
import Storage

/// `/api/runs/*` and the runs of one agent.
struct RunRoutes {
    /// Newest runs of an agent that a listing looks at.
    private static let horizon = 10_000

    let operators: any OperatorPlane

    var all: [Route] {
        [
            Route(.get, "/api/runs/:instance", plane: .operators) { try await one($0["instance"]) },
            Route(.get, "/api/stats/agents/:name/runs", plane: .operators) { try await list($0) },
            Route(.get, "/api/stats/agents/:name/runs/:instance", plane: .operators) { try await one($0["instance"]) },
        ]
    }

    private func one(_ text: String) async throws -> Response {
        guard let instance = InstanceID(text), let run = try await operators.run(instance) else {
            throw Rejection(.notFound, error: "Run \(text) not found")
        }
        return .json(["run": run.json])
    }

    private func list(_ call: GatewayRequest) async throws -> Response {
        let name: AgentName
        do {
            name = try AgentName(call["name"])
        } catch {
            throw Rejection(.badRequest, error: "Invalid agent name")
        }
        let limit = min(200, call.query("limit").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? 50)
        let page = call.query("page").flatMap { Int($0) }.flatMap { (1...Self.horizon).contains($0) ? $0 : nil } ?? 1
        let since = call.query("since").flatMap { Double($0) }.map { Date(timeIntervalSince1970: $0 / 1000) }
        let state = call.query("state")
        let runs = try await operators.runs(of: name, limit: Self.horizon).filter { run in
            (state == nil || run.state.rawValue == state) && (since.map { run.startedAt >= $0 } ?? true)
        }
        let shown = runs.dropFirst((page - 1) * limit).prefix(limit)
        return .json([
            "runs": .array(shown.map(\.json)), "total": .int(runs.count), "page": .int(page), "limit": .int(limit),
        ])
    }
}

extension RunRecord {
    /// The run as operators see it; keys without a value are left out.
    var json: JSONValue {
        let duration = endedAt.map { JSONValue.int(Int(($0.timeIntervalSince(startedAt) * 1000).rounded())) }
        return .object([
            "instanceId": .string(instance.rawValue),
            "agent": .string(instance.agent.rawValue),
            "state": .string(state.rawValue),
            "result": state.isFinal ? outcome.map { .string($0.wireResult) } : .none,
            "exitCode": outcome?.exitCode.map { .int($0) },
            "reason": outcome?.reason.map(JSONValue.string),
            "trigger": trigger.operatorJSON,
            "queuedAt": queuedAt.isoText,
            "startedAt": startedAt.isoText,
            "runningAt": runningAt?.isoText,
            "endedAt": endedAt?.isoText,
            "durationMs": duration,
            "usage": outcome?.usage?.json,
            "summary": outcome?.summary.map(JSONValue.string),
            "returnValue": outcome?.returnValue.map(JSONValue.string),
            "callDepth": .int(trigger.callDepth),
            "rerun": .int(rerun),
            "configHash": .string(configHash),
            "runtime": runtime.map(JSONValue.string),
        ])
    }
}

extension Trigger {
    /// The trigger of a run as operators see it.
    var operatorJSON: JSONValue {
        switch self {
        case .schedule(let slot): .object(["type": "schedule", "slot": slot?.isoText])
        case .webhook(let facts):
            [
                "type": "webhook", "source": .string(facts.source), "event": .string(facts.event),
                "receiptId": .string(facts.deliveryID),
            ]
        case .call(let facts):
            [
                "type": "call", "callId": .string(facts.callID), "caller": .string(facts.caller.agent.rawValue),
                "parent": .string(facts.caller.rawValue),
            ]
        case .manual(let prompt): .object(["type": "manual", "prompt": prompt.map(JSONValue.string)])
        }
    }
}
