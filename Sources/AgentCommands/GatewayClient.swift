import AsyncHTTPClient
import Domain
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// The few requests a run may make of its gateway.
struct GatewayClient: Sendable {
    /// An answer, or that none came.
    enum Reply: Hashable, Sendable {
        /// `body` is `nil` when the answer was no JSON document.
        case answered(status: Int, body: JSONValue?)
        case unreachable

        var code: Int32 {
            switch self {
            case .answered(let status, _): ExitCode.forStatus(status)
            case .unreachable: ExitCode.unreachable
            }
        }
    }

    /// Answers are a few hundred bytes; a return value may have 1 MiB.
    private static let bodyLimit = 8 << 20

    private let base: String
    private let secret: String
    private let client: HTTPClient

    /// `nil` when the environment names no gateway.
    init?(environment: [String: String]) {
        var base = environment["GATEWAY_URL"] ?? ""
        while base.hasSuffix("/") { base.removeLast() }
        guard !base.isEmpty else { return nil }
        self.base = base
        secret = environment["SHUTDOWN_SECRET"] ?? ""
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(5))
        )
        // The default repeats a refused connection until the whole time is over.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }

    /// Closes the connections.
    func shutdown() async {
        // Nothing depends on how the connections end.
        try? await client.shutdown()
    }

    /// Sends an object to which the run's secret is added in front.
    func post(_ path: String, _ members: KeyValuePairs<String, JSONValue?>, within limit: Duration) async -> Reply {
        var body: JSONValue = ["secret": .string(secret)]
        for (key, value) in members { body[key] = value }
        var request = HTTPClientRequest(url: base + path)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(string: body.compactText))
        return await send(request, within: limit)
    }

    /// Asks for the state of a call; the gateway may hold the answer for `wait` seconds until the call is over.
    func call(_ id: String, wait: Int = 0, within limit: Duration) async -> Reply {
        var url = "\(base)/calls/\(id.percentEncoded)?secret=\(secret.percentEncoded)"
        if wait > 0 { url += "&wait=\(wait)" }
        return await send(HTTPClientRequest(url: url), within: limit)
    }

    private func send(_ request: HTTPClientRequest, within limit: Duration) async -> Reply {
        do {
            let response = try await client.execute(request, timeout: TimeAmount(limit))
            let buffer = try await response.body.collect(upTo: Self.bodyLimit)
            // Not JSON: a proxy in between answered; the status tells what can be told.
            let body = try? JSONValue(parsing: buffer.readableBytesView)
            return .answered(status: Int(response.status.code), body: body)
        } catch {
            return .unreachable
        }
    }
}
