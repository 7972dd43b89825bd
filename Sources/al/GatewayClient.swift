import AsyncHTTPClient
import Credentials
import Domain
import Foundation
import NIOCore
import NIOHTTP1
import Project

/// Talks to the gateway of a running scheduler as its operator.
struct GatewayClient {
    /// Without trailing slash.
    let baseURL: String
    private let key: String?
    private let http: HTTPClient

    /// Names the gateway; without a key this machine has none.
    init(baseURL: String, key: String?, http: HTTPClient = .shared) {
        self.baseURL = baseURL
        self.key = key
        self.http = http
    }

    /// An order: `POST` and the `message` of the answer.
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
        _ = try judged(status, String(decoding: body, as: UTF8.self))
        return []
    }

    /// Posts as a sender of webhooks would: without the operator's key.
    ///
    /// - Throws: ``GatewayClientError`` (`unreachable`).
    func deliver(
        _ path: String,
        headers: [(name: String, value: String)],
        body: [UInt8]
    ) async throws -> (status: Int, body: String) {
        do {
            return try await SenderClient.post(baseURL + path, headers: headers, body: body)
        } catch {
            throw GatewayClientError(code: .unreachable, baseURL: baseURL, status: nil, detail: "\(error)")
        }
    }

    private func send(_ method: HTTPMethod, _ path: String, body: JSONValue?) async throws -> JSONValue {
        let (status, bytes) = try await exchange(method, path, body: body)
        return try judged(status, String(decoding: bytes, as: UTF8.self))
    }

    private func exchange(
        _ method: HTTPMethod,
        _ path: String,
        body: JSONValue?
    ) async throws -> (status: Int, body: [UInt8]) {
        var request = HTTPClientRequest(url: baseURL + path)
        request.method = method == .POST ? .POST : .GET
        if let key { request.headers.add(name: "Authorization", value: "Bearer \(key)") }
        request.headers.add(name: "Accept", value: "application/json")
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body.compactText))
        }
        do {
            let response = try await http.execute(request, timeout: .seconds(30))
            let answer = try await response.body.collect(upTo: 16 << 20)
            return (Int(response.status.code), Array(answer.readableBytesView))
        } catch {
            throw GatewayClientError(code: .unreachable, baseURL: baseURL, status: nil, detail: "\(error)")
        }
    }

    private func judged(_ status: Int, _ text: String) throws -> JSONValue {
        // Whatever is not JSON came from something else than a gateway; the next line says so.
        guard let answer = try? JSONValue(parsing: text) else {
            throw GatewayClientError(
                code: .notAGateway,
                baseURL: baseURL,
                status: status,
                detail: String(text.prefix(120))
            )
        }
        guard (200..<300).contains(status) else {
            let detail = answer["error"]?.stringValue ?? answer["reason"]?.stringValue ?? "HTTP \(status)"
            throw GatewayClientError(
                code: status == 401 ? .unauthorized : status == 404 ? .notFound : .refused,
                baseURL: baseURL,
                status: status,
                detail: detail
            )
        }
        return answer
    }

    private enum HTTPMethod { case GET, POST }
}

/// Why the gateway gave no usable answer.
struct GatewayClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    enum Code: String, Hashable, Sendable { case unreachable, notAGateway, unauthorized, notFound, refused }

    let code: Code
    let baseURL: String
    let status: Int?
    let detail: String

    var description: String {
        switch code {
        case .unreachable:
            "Scheduler is not running (nothing answers at \(baseURL)). Start it with: al start"
        case .notAGateway:
            "\(baseURL) answered HTTP \(status ?? 0), but not as a gateway: the URL or a proxy in between is wrong."
                + " It said: \(detail)"
        case .unauthorized:
            "\(baseURL) does not accept the stored key (gateway_api_key:default): the scheduler uses another store."
        case .notFound, .refused: detail
        }
    }
}
