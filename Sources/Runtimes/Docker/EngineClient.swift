package import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL

/// Speaks the Docker Engine API over one connection target.
struct EngineClient: Sendable {
    let http: HTTPClient
    let endpoint: EngineEndpoint
    /// `nil` = not over TLS.
    private let tls: TLSConfiguration?
    private(set) var dialect: EngineDialect
    /// Makes sure that the endpoint can be connected to; asked before each request.
    let reach: @Sendable () async throws -> Void

    /// Connects and agrees on a version; throws ``RuntimeError`` (`unavailable`).
    static func connect(
        to endpoint: EngineEndpoint,
        http: HTTPClient,
        timeout: TimeAmount = .seconds(2),
        reach: @escaping @Sendable () async throws -> Void = {}
    ) async throws -> EngineClient {
        let unknown = EngineDialect(apiVersion: "", isPodman: false)
        var client = EngineClient(
            http: http,
            endpoint: endpoint,
            tls: try endpoint.tls?.configuration(),
            dialect: unknown,
            reach: reach
        )
        let ping = try await client.open(.GET, "/_ping", timeout: timeout)
        guard ping.status == .ok else {
            throw RuntimeError(
                code: .unavailable,
                message: "\(endpoint) answered \(ping.status.code) to a ping; it is no container engine."
            )
        }
        let isPodman = ping.headers.first(name: "Libpod-Api-Version") != nil
        _ = try await ping.body.collect(upTo: 1 << 16)
        let version = try await client.send(.GET, "/version", timeout: timeout)
        let minimum = version.status == 200 ? version.json?["MinAPIVersion"]?.stringValue : nil
        let chosen = try EngineVersion.negotiate(offered: ping.headers.first(name: "Api-Version"), minimum: minimum)
        let platform = version.json?["Platform"]?["Name"]?.stringValue ?? ""
        client.dialect = EngineDialect(
            apiVersion: chosen.description,
            isPodman: isPodman,
            isDesktop: platform.hasPrefix("Docker Desktop")
        )
        if isPodman {
            let info = try await client.send(.GET, "/info").require(200, to: "describe itself")
            let options = info.json?["SecurityOptions"]?.arrayValue ?? []
            client.dialect.isRootless = options.contains { $0.stringValue?.contains("rootless") == true }
        }
        return client
    }

    /// Sends a request and returns as soon as the answer begins.
    ///
    /// - Throws: ``RuntimeError`` (`engine`, transient) when there is no answer.
    func open(
        _ method: HTTPMethod,
        _ path: String,
        query: [(String, String)] = [],
        body: HTTPClientRequest.Body? = nil,
        contentType: String = "application/json",
        timeout: TimeAmount
    ) async throws -> HTTPClientResponse {
        let prefix = dialect.apiVersion.isEmpty ? "" : "/v\(dialect.apiVersion)"
        let suffix = query.map { "\($0.0)=\($0.1.percentEncoded)" }.joined(separator: "&")
        var request = HTTPClientRequest(
            url: endpoint.baseURL + prefix + path + (suffix.isEmpty ? "" : "?" + suffix)
        )
        request.method = method
        request.tlsConfiguration = tls
        request.headers.add(name: "Host", value: "docker")
        if let body {
            request.headers.add(name: "Content-Type", value: contentType)
            request.body = body
        }
        try await reach()
        do {
            return try await http.execute(request, timeout: timeout)
        } catch let error as CancellationError {
            throw error
        } catch let error as RuntimeError {
            // Of a body that could not be read.
            throw error
        } catch {
            try Task.checkCancellation()
            throw RuntimeError(
                code: .engine,
                message: "The container engine at \(endpoint) gave no answer to \(method) \(path): \(error).",
                isTransient: true
            )
        }
    }

    /// Sends a request with a document and reads the whole answer.
    func send(
        _ method: HTTPMethod,
        _ path: String,
        query: [(String, String)] = [],
        json: JSONValue? = nil,
        timeout: TimeAmount = .seconds(30)
    ) async throws -> EngineAnswer {
        let body = json.map { Array($0.compactText.utf8) }
        return try await send(
            method,
            path,
            query: query,
            body: body,
            contentType: "application/json",
            timeout: timeout
        )
    }

    /// Sends a request and reads the whole answer.
    func send(
        _ method: HTTPMethod,
        _ path: String,
        query: [(String, String)],
        body: [UInt8]?,
        contentType: String,
        timeout: TimeAmount = .seconds(30)
    ) async throws -> EngineAnswer {
        let response = try await open(
            method,
            path,
            query: query,
            body: body.map { .bytes(ByteBuffer(bytes: $0)) },
            contentType: contentType,
            timeout: timeout
        )
        do {
            let body = try await response.body.collect(upTo: 64 << 20)
            return EngineAnswer(status: Int(response.status.code), body: Array(body.readableBytesView))
        } catch {
            try Task.checkCancellation()
            throw RuntimeError(
                code: .engine,
                message: "The container engine at \(endpoint) broke off its answer to \(method) \(path): \(error).",
                isTransient: true
            )
        }
    }
}

/// An answer of the engine, read to its end.
struct EngineAnswer: Sendable {
    var status: Int
    var body: [UInt8]

    /// The body as JSON; `nil` when it is none.
    // An answer that is no JSON has no members to read; callers report the missing member.
    var json: JSONValue? { try? JSONValue(parsing: body) }

    /// The engine's own words for an error.
    var message: String {
        json?["message"]?.stringValue ?? String(decoding: body.prefix(500), as: UTF8.self)
    }

    /// Whether the engine says that a name is taken: Docker answers 409, Podman 500.
    var saysNameTaken: Bool {
        status == 409 || (status == 500 && (message.contains("already exists") || message.contains("already in use")))
    }

    /// Whether the engine names a network as what is wrong.
    var blamesNetwork: Bool { message.contains("network") }

    /// Passes answers with an expected status; `purpose` completes "could not …" for people.
    @discardableResult
    func require(_ expected: Int..., to purpose: String, code: RuntimeError.Code = .engine) throws -> EngineAnswer {
        guard expected.contains(status) else { throw failure(to: purpose, code: code) }
        return self
    }

    /// The error for an answer nobody expected.
    func failure(to purpose: String, code: RuntimeError.Code = .engine) -> RuntimeError {
        RuntimeError(
            code: code,
            message: "The container engine could not \(purpose): \(message) (status \(status)).",
            isTransient: status == 429 || status == 502 || status == 503
        )
    }
}

extension EngineEndpoint {
    /// How an `HTTPClient` for engines must be set up.
    ///
    /// Every followed run holds two connections for its whole life, and a missing socket must fail at once instead of being
    /// tried until the deadline.
    package static var httpConfiguration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 4096
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout.connect = .seconds(5)
        return configuration
    }
}
