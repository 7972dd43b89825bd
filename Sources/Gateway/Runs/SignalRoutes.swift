import Domain
import Hummingbird
import Scheduler

/// `/signals/*` and `/shutdown` of runs.
struct SignalRoutes {
    /// Characters of a status or a reason that are kept; each counts for what it is made of, as one may be of any length.
    private static let textLimit = 500

    let runs: any RunsPlane
    let log: @Sendable (GatewayLogLine) -> Void

    var all: [Route] {
        [
            Route(.post, "/signals/status", plane: .open) { try await status($0) },
            Route(.post, "/signals/rerun", plane: .open) { try await rerun($0) },
            Route(.post, "/signals/return", plane: .open) { try await returnValue($0) },
            Route(.post, "/signals/trigger", plane: .open) { try await trigger($0) },
            Route(.post, "/shutdown", plane: .open) { try await shutDown($0) },
        ]
    }

    private func status(_ call: GatewayRequest) async throws -> Response {
        let fields = try await RunFields(body: call)
        let secret = try fields.requireSecret()
        let text = try fields.require("text")
        await runs.setStatus(Self.beginning(of: text), of: try await runs.require(secret))
        return .json(["ok": true])
    }

    private func rerun(_ call: GatewayRequest) async throws -> Response {
        let fields = try await RunFields(body: call)
        let run = try await runs.require(fields.requireSecret())
        try await runs.requestRerun(by: run)
        log(GatewayLogLine(level: .info, message: "rerun requested", fields: ["instance": .string(run.rawValue)]))
        return .json(["ok": true])
    }

    private func returnValue(_ call: GatewayRequest) async throws -> Response {
        let fields = try await RunFields(body: call, limit: RunFields.longBody)
        let secret = try fields.requireSecret()
        guard let value = fields.value("value") else { throw Rejection(.badRequest, error: "missing value") }
        let run = try await runs.require(secret)
        try await runs.setReturnValue(
            value.stringValue ?? value.compactText,
            isBeginning: fields.value("truncated") == true,
            of: run
        )
        return .json(["ok": true])
    }

    private func trigger(_ call: GatewayRequest) async throws -> Response {
        let fields = try await RunFields(body: call, limit: RunFields.longBody)
        let secret = try fields.requireSecret()
        let target = try fields.require("targetAgent")
        let context = try fields.requireContext()
        let run = try await runs.require(secret)
        _ = try await runs.place(target, context: context, by: run)
        return .json(["ok": true])
    }

    private func shutDown(_ call: GatewayRequest) async throws -> Response {
        let fields = try await RunFields(body: call)
        let run = try await runs.require(fields.requireSecret())
        let told = fields.text("reason").flatMap { $0.isEmpty ? nil : $0 }
        let reason = told.map(Self.beginning) ?? "agent requested shutdown"
        let facts: JSONValue = ["instance": .string(run.rawValue), "reason": .string(reason)]
        log(GatewayLogLine(level: .error, message: "shutdown requested — killing container", fields: facts))
        let container = try await runs.shutDown(run, reason: reason)
        return .json(["killed": true, "container": .string(container)])
    }

    private static func beginning(of text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(textLimit)))
    }
}
