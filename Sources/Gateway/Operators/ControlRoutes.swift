import Domain
import Hummingbird
import Scheduler
import Storage

/// `/control/*` and `/locks/status`.
struct ControlRoutes {
    let operators: any OperatorPlane
    let snapshots: StatusSnapshots

    var all: [Route] {
        [
            Route(.get, "/control/status", plane: .operators) { _ in
                .json(try await snapshots.control())
            },
            Route(.get, "/control/instances", plane: .operators) { _ in
                .json(["instances": .array(try await snapshots.status().instances.map(\.json))])
            },
            Route(.get, "/locks/status", plane: .operators) { _ in try await locks() },
            Route(.post, "/control/kill/:instance", plane: .operators) { try await killInstance($0["instance"]) },
            Route(.post, "/control/pause", plane: .operators) { _ in try await pause(true) },
            Route(.post, "/control/resume", plane: .operators) { _ in try await pause(false) },
            Route(.post, "/control/stop", plane: .operators) { try await stop($0) },
            Route(.post, "/control/trigger/:name", plane: .operators) { try await trigger($0) },
            Route(.post, "/control/agents/:name/kill", plane: .operators) { try await killAgent($0["name"]) },
            agentSwitch("enable", turnsOn: true, done: "enabled"),
            agentSwitch("disable", turnsOn: false, done: "disabled"),
            agentSwitch("pause", turnsOn: false, done: "paused"),
            agentSwitch("resume", turnsOn: true, done: "resumed"),
        ]
    }

    private func locks() async throws -> Response {
        .json(["locks": .array(try await operators.locks().map(\.operatorJSON))])
    }

    private func agentSwitch(_ word: String, turnsOn: Bool, done: String) -> Route {
        Route(.post, "/control/agents/:name/\(word)", plane: .operators) { call in
            let name = call["name"]
            try await mapped(
                notFound: "Agent \(name) not found",
                failure: "Failed to \(word) agent"
            ) { try await operators.setEnabled(turnsOn, agent: name) }
            return success("Agent \(name) \(done)")
        }
    }

    private func killInstance(_ name: String) async throws -> Response {
        try await mapped(
            notFound: "Instance \(name) not found",
            failure: "Failed to kill instance"
        ) { try await operators.kill(instance: name) }
        return success("Instance \(name) killed")
    }

    private func killAgent(_ name: String) async throws -> Response {
        let count = try await mapped(
            notFound: "Agent \(name) not found",
            failure: "Failed to kill agent"
        ) { try await operators.kill(agent: name) }
        return success("Killed \(count) instance(s) of \(name)", ["killed": .int(count)])
    }

    private func pause(_ isPaused: Bool) async throws -> Response {
        let word = isPaused ? "pause" : "resume"
        try await mapped(
            notFound: "not found",
            failure: "Failed to \(word) scheduler"
        ) { try await operators.setPaused(isPaused) }
        return success("Scheduler \(word)d")
    }

    private func stop(_ call: GatewayRequest) async throws -> Response {
        let body = try await call.optionalObject()
        var order = StopOrder(
            now: try body.wish("now", \.boolValue) ?? false,
            clear: try body.wish("clear", \.boolValue) ?? false
        )
        order.grace = try body.wish("grace", \.intValue)
        if let grace = order.grace, grace < 0 { throw Rejection(.badRequest, error: "grace must not be negative") }
        let answer = try await mapped(
            notFound: "not found",
            failure: "Failed to stop scheduler"
        ) { try await operators.stop(order) }
        return success(
            "Scheduler stopping",
            answer.running > 0 ? ["running": .int(answer.running)] : [:],
            order.clear ? ["dropped": .int(answer.dropped)] : [:]
        )
    }

    private func trigger(_ call: GatewayRequest) async throws -> Response {
        let name = call["name"]
        let prompt = try await call.optionalObject().wish("prompt", \.stringValue).flatMap { $0.isEmpty ? nil : $0 }
        let answer = try await mapped(
            notFound: "Agent \(name) not found",
            failure: "Failed to trigger agent"
        ) { try await operators.trigger(name, prompt: prompt) }
        guard let instance = answer.instance else {
            return success(
                "Agent \(name) queued" + (answer.obstacle.map { ": \(Self.text(of: $0))" } ?? ""),
                ["queued": true],
                answer.itemID.map { ["itemId": .string($0)] } ?? [:]
            )
        }
        return success("Agent \(name) triggered", ["instanceId": .string(instance.rawValue)])
    }

    private static func text(of obstacle: TriggerAnswer.Obstacle) -> String {
        switch obstacle {
        case .runners(let count): "all \(count) runners are busy"
        case .projectScale(let scale): "the project's scale of \(scale) is used up by other runs"
        case .image: "its image is not built yet"
        }
    }

    /// Does what was ordered and words what can go wrong.
    @discardableResult
    private func mapped<Value>(
        notFound: String,
        failure: String,
        _ order: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await order()
        } catch let refusal as RefusalError {
            switch refusal.code {
            case .notFound: throw Rejection(.notFound, error: notFound)
            case .conflict, .stopping: throw Rejection(.conflict, error: refusal.reason)
            case .tooMany: throw Rejection(.tooManyRequests, error: refusal.reason)
            }
        } catch {
            throw Rejection(.internalServerError, error: "\(failure): \(error)")
        }
    }

    private func success(_ message: String, _ more: KeyValuePairs<String, JSONValue>...) -> Response {
        var body: JSONValue = ["success": true, "message": .string(message)]
        for (key, value) in more.joined() { body[key] = value }
        return .json(body)
    }
}
