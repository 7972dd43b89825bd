import Domain
import FoundationEssentials
import Hummingbird
import Scheduler
import Storage

/// `/locks/*` of runs.
struct LockRoutes {
    let runs: any RunsPlane

    var all: [Route] {
        [
            Route(.post, "/locks/acquire", plane: .open, isBrief: true) { try await acquire($0) },
            Route(.post, "/locks/release", plane: .open, isBrief: true) { try await release($0) },
            Route(.post, "/locks/heartbeat", plane: .open, isBrief: true) { try await heartbeat($0) },
            Route(.get, "/locks/list", plane: .open, isBrief: true) { try await list($0) },
        ]
    }

    private func acquire(_ call: GatewayRequest) async throws -> Response {
        let order = try await read(call)
        switch try await runs.acquireLock(order.key, ttl: order.ttl, by: order.run) {
        case .ok: return .json(["ok": true, "resourceKey": .string(order.key)])
        case .heldByOther(let holder, let since):
            let body: JSONValue = ["ok": false, "holder": .string(holder.rawValue), "heldSince": since.milliseconds]
            return .json(body, status: .conflict)
        case .holdsAnother(let key):
            throw Rejection(.conflict, reason: "already holding lock on \(key) — release it first")
        case .notFound: throw Rejection(.notFound, reason: "lock not found")
        }
    }

    private func release(_ call: GatewayRequest) async throws -> Response {
        let order = try await read(call)
        let answer = try await runs.releaseLock(order.key, by: order.run)
        _ = try expiry(answer)
        return .json(["ok": true])
    }

    private func heartbeat(_ call: GatewayRequest) async throws -> Response {
        let order = try await read(call)
        let expiry = try expiry(try await runs.heartbeatLock(order.key, ttl: order.ttl, by: order.run))
        return .json(["ok": true, "expiresAt": expiry.milliseconds])
    }

    private func list(_ call: GatewayRequest) async throws -> Response {
        let run = try await runs.require(RunFields(query: call).requireSecret())
        return .json(.array(try await runs.locks(of: run).map(\.json)))
    }

    private func expiry(_ answer: LockAnswer) throws -> Date {
        switch answer {
        case .ok(let expiry): return expiry
        case .heldByOther(let holder, _): throw Rejection(.conflict, reason: "held by \(holder)")
        case .holdsAnother, .notFound: throw Rejection(.notFound, reason: "lock not found")
        }
    }

    private func read(_ call: GatewayRequest) async throws -> (run: InstanceID, key: String, ttl: Int?) {
        let fields = try await RunFields(body: call)
        let secret = try fields.requireSecret()
        let key = try fields.require("resourceKey")
        var ttl: Int?
        if let value = fields.value("ttl") {
            guard let seconds = value.intValue, (1...86_400).contains(seconds) else {
                throw Rejection(.badRequest, error: "invalid ttl")
            }
            ttl = seconds
        }
        guard key.utf8.count <= 1024 else {
            throw Rejection(.badRequest, error: "resourceKey longer than 1024 bytes")
        }
        return (try await runs.require(secret), key, ttl)
    }
}

extension Date {
    /// Epoch milliseconds as JSON.
    var milliseconds: JSONValue { .int(epochMilliseconds) }
}

extension LockRecord {
    /// The lock as its holder sees it.
    var json: JSONValue {
        [
            "resourceKey": .string(key), "holder": .string(holder.rawValue), "heldSince": heldSince.milliseconds,
            "expiresAt": expiresAt.milliseconds,
        ]
    }
}
