import AsyncHTTPClient
import Domain
import NIOCore
import NIOHTTP1
import OrderedCollections

/// The two questions a run asks its gateway while it starts.
struct GatewayAccess: Sendable {
    /// What came of asking for the keys of the models.
    enum ModelKeys: Hashable, Sendable {
        /// By type of credential.
        case found([String: String])
        /// The launcher delivers it another way, or there is none.
        case notHere
        case alreadyFetched
        case refused(status: Int)
        case unreachable
    }

    private static let attempts = 30

    let base: String
    let secret: String
    let clock: any Clock<Duration>

    /// Waits until the gateway answers.
    ///
    /// - Returns: whether it did within 30 attempts.
    func waitUntilHealthy() async -> Bool {
        await withClient { client in
            for attempt in 1...Self.attempts {
                let status = await status(client, "\(base)/health", limit: .seconds(2)).status
                if let status, (200..<300).contains(status) { return true }
                // Cancelled means that the run is over; so is the waiting.
                guard attempt < Self.attempts, (try? await clock.sleep(for: .milliseconds(500))) != nil else { break }
            }
            return false
        }
    }

    /// Fetches the run's credentials; `nil` when the gateway has none for it.
    ///
    /// - Throws: ``RunFailure`` for any other answer.
    func credentials() async throws -> JSONValue? {
        let answer = await withClient { client in
            await status(client, "\(base)/credentials/\(secret)", limit: .seconds(30))
        }
        if answer.status == 200, let body = answer.body { return body }
        if answer.status == 404 { return nil }
        let how = answer.status.map { "answered HTTP \($0)" } ?? "was not reached"
        throw RunFailure(.credentials, "the gateway \(how) when asked for credentials. Run `al doctor`")
    }

    /// Fetches the keys of the models, which are handed out once.
    func modelKeys() async -> ModelKeys {
        await withClient { client in
            let answer = await status(client, "\(base)/credentials/\(secret)/model", limit: .seconds(30))
            switch answer.status {
            case nil: return .unreachable
            case 200:
                let tokens = (answer.body?.objectValue ?? [:]).compactMap { type, instances in
                    instances["default"]?["token"]?.stringValue.map { (type, $0) }
                }
                return tokens.isEmpty ? .notHere : .found(Dictionary(tokens) { first, _ in first })
            case 404: return .notHere
            case 410: return .alreadyFetched
            case .some(let status): return .refused(status: status)
            }
        }
    }

    private func status(
        _ client: HTTPClient,
        _ url: String,
        limit: TimeAmount
    ) async -> (status: Int?, body: JSONValue?) {
        do {
            let response = try await client.execute(HTTPClientRequest(url: url), timeout: limit)
            let buffer = try await response.body.collect(upTo: 1 << 20)
            // Whatever is no JSON holds no key.
            return (Int(response.status.code), try? JSONValue(parsing: buffer.readableBytesView))
        } catch {
            return (nil, nil)
        }
    }

    private func withClient<Result: Sendable>(_ body: (HTTPClient) async -> Result) async -> Result {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
        let result = await body(client)
        // Nothing depends on how the connections end.
        try? await client.shutdown()
        return result
    }
}
