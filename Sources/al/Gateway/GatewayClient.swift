import AsyncHTTPClient
import CloudClients
import Domain
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization

/// Talks to the gateway of a running scheduler as its operator.
struct GatewayClient {
    /// Whether whoever answers is the scheduler that is meant.
    enum Identity: Hashable {
        case own
        /// None of the project runs; a stranger is asked nothing.
        case stranger
        /// Probably it is; the lock file that would say so cannot be read.
        case unknown(lock: String)
    }

    /// One for the process: it lives until the command ends.
    private static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration(timeout: .init(connect: .seconds(5)))
        // The default repeats a refused connection until the whole time is over.
        configuration.connectionPool.retryConnectionEstablishment = false
        // A redirected order would arrive as a question, and elsewhere.
        configuration.redirectConfiguration = .disallow
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// Where it is, for people: a URL, or a port of a server.
    let baseURL: String
    /// How the scheduler is started there, for people.
    let start: String
    /// What requests go to; without trailing slash.
    private let target: String
    /// Leads to the gateway where only its server reaches it.
    private let tunnel: SSHTunnel?
    private let key: String?
    private let identity: Identity
    /// Whether what answers through the tunnel has shown itself as a gateway.
    private let introduction = Introduction()

    private final class Introduction: Sendable {
        let isMade = Mutex(false)
    }

    /// Names the gateway; without a key this machine has none.
    init(baseURL: String, key: String?, start: String = "with: al start", identity: Identity = .own) {
        var base = baseURL
        while base.hasSuffix("/") { base.removeLast() }
        self.baseURL = base
        self.start = start
        target = base
        tunnel = nil
        self.key = key
        self.identity = identity
    }

    /// Names the gateway at a port of a server's loopback.
    init(through tunnel: SSHTunnel, to port: Int, key: String?) {
        baseURL = "port \(port) of \(tunnel.server)"
        start = "on the server, with: al start --port \(port)"
        target = "http+unix://\(tunnel.localSocket.percentEncoded)"
        self.tunnel = tunnel
        self.key = key
        identity = .own
    }

    /// An order: `POST` and the JSON of the answer.
    ///
    /// - Throws: ``GatewayClientError``.
    func order(_ path: String, body: JSONValue? = nil) async throws -> JSONValue {
        try await send(.POST, path, body: body)
    }

    /// A question: `GET` and the JSON of the answer.
    ///
    /// - Throws: ``GatewayClientError``.
    func get(_ path: String) async throws -> JSONValue {
        try await send(.GET, path, body: nil)
    }

    /// Whether anything answers on `/health`.
    func isAlive() async -> Bool { (try? await isUp()) ?? false }

    /// Whether anything answers on `/health`.
    ///
    /// - Throws: ``GatewayClientError`` (`tunnel`, `unreachable`) when the way to it is lost, so that nobody can tell.
    func isUp() async throws -> Bool {
        for attempt in 1...Self.mostLooks {
            do {
                return try await look()
            } catch let error as GatewayClientError where error.code == .unreachable && attempt == 1 {
                // It may have ended in the middle of the question: the next is refused then.
            } catch let error as GatewayClientError where error.code == .noAnswer && tunnel != nil {
                // It may be the ssh connection that ended; on a new one the server says whether anybody is there.
                try await ContinuousClock().sleep(for: .milliseconds(200))
            }
        }
        // What takes connections only to close them is no gateway any more.
        return false
    }

    private static let mostLooks = 5

    private func look() async throws -> Bool {
        do {
            _ = try await get("/health")
            return true
        } catch let error as GatewayClientError
            where [.tunnel, .unreachable].contains(error.code) || error.code == .noAnswer && tunnel != nil
        {
            throw error
        } catch {
            // Refused, reset, or no gateway any more: nobody is there.
            return false
        }
    }

    /// The bytes of an answer that is no JSON document.
    ///
    /// - Throws: ``GatewayClientError``.
    func bytes(_ path: String) async throws -> [UInt8] {
        let (status, body) = try await exchange(.GET, path, body: nil)
        guard status != 200 else { return body }
        _ = try judged(status, body)
        return []
    }

    /// Posts as a sender of webhooks would: without the operator's key.
    ///
    /// - Throws: ``GatewayClientError`` when no answer came.
    func deliver(
        _ path: String,
        headers: [(name: String, value: String)],
        body: [UInt8]
    ) async throws -> (status: Int, body: String) {
        guard identity != .stranger else { throw try await absence() }
        let refusals = try await connect()
        // A path of a socket names no host.
        let isNamed = tunnel == nil || headers.contains { $0.name.lowercased() == "host" }
        do {
            return try await SenderClient.post(
                target + path,
                headers: isNamed ? headers : headers + [("Host", Self.hostBehindTunnel)],
                body: body
            )
        } catch {
            throw await failure(connecting: error, after: refusals)
        }
    }

    private func send(_ method: HTTPMethod, _ path: String, body: JSONValue?) async throws -> JSONValue {
        let (status, bytes) = try await exchange(method, path, body: body)
        return try judged(status, bytes)
    }

    private func exchange(
        _ method: HTTPMethod,
        _ path: String,
        body: JSONValue?
    ) async throws -> (status: Int, body: [UInt8]) {
        guard identity != .stranger else { throw try await absence() }
        // Whether it is up is everybody's to know.
        let key = path == "/health" ? nil : self.key
        if tunnel != nil, key != nil { try await introduce() }
        let refusals = try await connect()
        var request = HTTPClientRequest(url: target + path)
        request.method = method
        if tunnel != nil { request.headers.add(name: "Host", value: Self.hostBehindTunnel) }
        if let key { request.headers.add(name: "Authorization", value: "Bearer \(key)") }
        request.headers.add(name: "Accept", value: "application/json")
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body.compactText))
        }
        do {
            let response = try await Self.http.execute(request, timeout: .seconds(30))
            let status = Int(response.status.code)
            if (300..<400).contains(status), let target = response.headers.first(name: "Location") {
                throw failure(.redirected, status, target)
            }
            let answer = try await response.body.collect(upTo: 64 << 20)
            return (status, Array(answer.readableBytesView))
        } catch let error where error is CancellationError || error is GatewayClientError {
            throw error
        } catch {
            throw await failure(connecting: error, after: refusals)
        }
    }

    /// Makes sure that a gateway answers on the server before it gets the key: while none runs, the port is anybody's.
    private func introduce() async throws {
        guard !introduction.isMade.withLock({ $0 }) else { return }
        let health: JSONValue
        do {
            health = try await get("/health")
        } catch let error as GatewayClientError where [.unauthorized, .notFound, .refused].contains(error.code) {
            throw failure(.notAGateway, error.status, error.detail)
        } catch let error as GatewayClientError where error.code == .noAnswer {
            throw failure(.tunnel, nil, "\(baseURL) closed the connection without an answer. Nothing was ordered.")
        }
        guard let status = health["status"]?.stringValue, ["ok", "degraded"].contains(status) else {
            throw failure(.notAGateway, 200, String(health.compactText.prefix(120)))
        }
        introduction.isMade.withLock { $0 = true }
    }

    private static let hostBehindTunnel = "localhost"

    /// Makes the way to a gateway that only its server reaches.
    ///
    /// - Returns: how often the server has refused connections on it so far.
    private func connect() async throws -> Int {
        guard let tunnel else { return 0 }
        do {
            try await tunnel.connect()
        } catch let error as SSHError {
            throw failure(.tunnel, nil, error.description)
        }
        return tunnel.refusalCount
    }

    /// Why nothing is asked where no scheduler of the project runs: nobody listens there, or a stranger does.
    private func absence() async throws -> GatewayClientError {
        do {
            _ = try await Self.http.execute(HTTPClientRequest(url: baseURL + "/health"), timeout: .seconds(5))
            return failure(.stranger, nil, "")
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let error = await failure(connecting: error)
            return error.code == .notRunning ? error : failure(.stranger, nil, error.detail)
        }
    }

    private func judged(_ status: Int, _ body: [UInt8]) throws -> JSONValue {
        let text = String(decoding: body, as: UTF8.self)
        // Whatever is not JSON came from something else than a gateway; the next line says so.
        guard let answer = try? JSONValue(parsing: text) else {
            throw failure(.notAGateway, status, String(text.prefix(120)))
        }
        guard (200..<300).contains(status) else {
            let detail = answer["error"]?.stringValue ?? answer["reason"]?.stringValue ?? "HTTP \(status)"
            throw failure(status == 401 ? .unauthorized : status == 404 ? .notFound : .refused, status, detail)
        }
        return answer
    }

    private func failure(connecting error: any Error, after refusals: Int = 0) async -> GatewayClientError {
        let error = GatewayClientError(connecting: error, baseURL: baseURL, start: start)
        if let tunnel { return await failure(through: tunnel, error, after: refusals) }
        guard error.code == .notRunning, case .unknown(let lock) = identity else { return error }
        return failure(.lockUnreadable, nil, lock)
    }

    /// Tells a scheduler that is not there from a way that is not: ssh takes every connection here, and sees only then
    /// whether the server passes it on.
    private func failure(
        through tunnel: SSHTunnel,
        _ error: GatewayClientError,
        after refusals: Int
    ) async -> GatewayClientError {
        // Something else may listen there afterwards.
        introduction.isMade.withLock { $0 = false }
        // Nobody has ssh's own socket any more.
        if error.code == .notRunning { return failure(.tunnel, nil, "\(tunnel.server): the ssh connection was lost.") }
        // What cannot be asked is no reason to hide what is known.
        guard error.code == .noAnswer, tunnel.refusalCount > refusals, let refusal = try? await tunnel.refusal() else {
            return error
        }
        return refusal.code == .nothingListens
            ? failure(.notRunning, nil, "connection refused") : failure(.tunnel, nil, refusal.description)
    }

    private func failure(_ code: GatewayClientError.Code, _ status: Int?, _ detail: String) -> GatewayClientError {
        GatewayClientError(code: code, baseURL: baseURL, start: start, status: status, detail: detail)
    }
}
