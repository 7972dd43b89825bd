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
        try call.refuseStrangers(isExposed: isExposed)
        _ = try await runs.require(call["secret"])
        throw Rejection(.notFound, error: "not found", headers: [.cacheControl: "no-store"])
    }

    private func model(_ call: GatewayRequest) async throws -> Response {
        try call.refuseStrangers(isExposed: isExposed)
        let run = try await runs.require(call["secret"])
        guard let keys = try await runs.modelCredentials(of: run) else {
            throw Rejection(.gone, error: "already fetched", headers: [.cacheControl: "no-store"])
        }
        return .json(keys, headers: [.cacheControl: "no-store"])
    }
}
