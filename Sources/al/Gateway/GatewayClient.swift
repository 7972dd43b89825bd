import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import NIOHTTP1

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

    /// Without trailing slash.
    let baseURL: String
    private let key: String?
    /// The environment whose scheduler this is, for the advice in messages.
    private let environment: String?
    private let identity: Identity

    /// Names the gateway; without a key this machine has none.
    init(baseURL: String, key: String?, environment: String? = nil, identity: Identity = .own) {
        var base = baseURL
        while base.hasSuffix("/") { base.removeLast() }
        self.baseURL = base
        self.key = key
        self.environment = environment
        self.identity = identity
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
    func isAlive() async -> Bool {
        // Refused, timed out, reset: each means that nobody is there.
        (try? await get("/health")) != nil
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
        do {
            return try await SenderClient.post(baseURL + path, headers: headers, body: body)
        } catch {
            throw failure(connecting: error)
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
        var request = HTTPClientRequest(url: baseURL + path)
        request.method = method
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
            throw failure(connecting: error)
        }
    }

    /// Why nothing is asked where no scheduler of the project runs: nobody listens there, or a stranger does.
    private func absence() async throws -> GatewayClientError {
        do {
            _ = try await Self.http.execute(HTTPClientRequest(url: baseURL + "/health"), timeout: .seconds(5))
            return failure(.stranger, nil, "")
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let error = failure(connecting: error)
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

    private func failure(connecting error: any Error) -> GatewayClientError {
        let error = GatewayClientError(connecting: error, baseURL: baseURL, environment: environment)
        guard error.code == .notRunning, case .unknown(let lock) = identity else { return error }
        return failure(.lockUnreadable, nil, lock)
    }

    private func failure(_ code: GatewayClientError.Code, _ status: Int?, _ detail: String) -> GatewayClientError {
        GatewayClientError(code: code, baseURL: baseURL, environment: environment, status: status, detail: detail)
    }
}
