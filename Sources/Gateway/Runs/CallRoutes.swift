import Domain
import Hummingbird
import Scheduler
import Storage

/// `/calls` of runs.
struct CallRoutes {
    let runs: any RunsPlane

    var all: [Route] {
        [
            Route(.post, "/calls", plane: .open) { try await create($0) },
            Route(.get, "/calls/:id", plane: .open) { try await look($0) },
        ]
    }

    private func create(_ call: GatewayRequest) async throws -> Response {
        let fields = try await RunFields(body: call, limit: RunFields.longBody)
        let secret = try fields.requireSecret()
        let target = try fields.require("targetAgent")
        let context = try fields.requireContext(allowingEmpty: true)
        let run = try await runs.require(secret)
        let id = try await runs.place(target, context: context, by: run)
        return .json(["ok": true, "callId": .string(id)])
    }

    private func look(_ call: GatewayRequest) async throws -> Response {
        let run = try await runs.require(RunFields(query: call).requireSecret())
        let seconds = call.query("wait").flatMap { Int($0) }.map { min(max($0, 0), 60) }
        let wait: Duration? = seconds.flatMap { $0 > 0 ? .seconds($0) : nil }
        guard let record = try await runs.call(id: call["id"], by: run, wait: wait) else {
            throw Rejection(.notFound, error: "call not found")
        }
        return .json(record.json)
    }
}

extension RunsPlane {
    /// Places a call.
    ///
    /// - Throws: ``Rejection`` 409 with the reason.
    func place(_ target: String, context: String, by run: InstanceID) async throws -> String {
        do {
            return try await call(target, context: context, by: run)
        } catch let refusal as RefusalError {
            throw Rejection(.conflict, reason: refusal.reason)
        }
    }
}

extension CallRecord {
    /// The call as its caller sees it.
    var json: JSONValue {
        .object([
            "status": .string(state.rawValue),
            "returnValue": state == .completed ? returnValue.map(JSONValue.string) : .none,
            "truncated": state == .completed && isReturnValueCut ? true : .none,
            "errorMessage": state == .error ? errorMessage.map(JSONValue.string) : .none,
        ])
    }
}
