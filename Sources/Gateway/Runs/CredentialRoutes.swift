import Domain
import Hummingbird
import Scheduler

/// `/credentials/*` of runs.
struct CredentialRoutes {
    let runs: any RunsPlane
    let isExposed: Bool

    var all: [Route] {
        [
            Route(.get, "/credentials/:secret", plane: .open, hidesPath: true) { try await all($0) },
            Route(.get, "/credentials/:secret/model", plane: .open, hidesPath: true) { try await model($0) },
        ]
    }

    /// Runs of today's runtimes get their credentials as files, so there is nothing to fetch here.
    private func all(_ call: GatewayRequest) async throws -> Response {
        _ = try await run(call)
        throw Rejection(.notFound, error: "not found", headers: Self.unstored)
    }

    private func model(_ call: GatewayRequest) async throws -> Response {
        guard let keys = try await runs.modelCredentials(of: try await run(call)) else {
            throw Rejection(.gone, error: "already fetched", headers: Self.unstored)
        }
        return .json(keys, headers: Self.unstored)
    }

    private func run(_ call: GatewayRequest) async throws -> InstanceID {
        try call.refuseStrangers(isExposed: isExposed)
        var refusal = Rejection.invalidSecret
        refusal.headers = Self.unstored
        guard let run = await runs.run(withSecret: call["secret"]) else { throw refusal }
        return run
    }

    private static let unstored: HTTPFields = [.cacheControl: "no-store"]
}
