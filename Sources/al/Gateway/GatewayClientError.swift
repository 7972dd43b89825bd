import AsyncHTTPClient
import Foundation
import NIOCore
import NIOPosix

/// Why the gateway gave no usable answer.
struct GatewayClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    enum Code: String, Hashable, Sendable {
        /// Nobody listens there.
        case notRunning
        /// The host is not known, does not answer in time or cannot be talked to.
        case unreachable
        case notAGateway, unauthorized, notFound, refused
    }

    let code: Code
    let baseURL: String
    let environment: String?
    let status: Int?
    let detail: String

    /// Collects the facts.
    init(code: Code, baseURL: String, environment: String?, status: Int?, detail: String) {
        self.code = code
        self.baseURL = baseURL
        self.environment = environment
        self.status = status
        self.detail = detail
    }

    /// Sorts what went wrong before any answer came.
    init(connecting error: any Error, baseURL: String, environment: String?) {
        let (code, detail) = Self.kind(of: error)
        self.init(code: code, baseURL: baseURL, environment: environment, status: nil, detail: detail)
    }

    private static func kind(of error: any Error) -> (Code, String) {
        if let error = error as? NIOConnectionError {
            let codes = error.connectionErrors.compactMap { ($0.error as? IOError)?.errnoCode }
            if codes.contains(ECONNREFUSED) { return (.notRunning, "connection refused") }
            if error.dnsAError != nil || error.dnsAAAAError != nil, error.connectionErrors.isEmpty {
                return (.unreachable, "the name \(error.host) is not known")
            }
            return (.unreachable, error.connectionErrors.first.map { "\($0.error)" } ?? "no connection")
        }
        guard let error = error as? HTTPClientError else { return (.unreachable, "\(error)") }
        switch error {
        case .connectTimeout: return (.unreachable, "no connection within 5 s")
        case .deadlineExceeded, .readTimeout: return (.unreachable, "no answer within 30 s")
        case .remoteConnectionClosed: return (.notRunning, "it closed the connection")
        default: return (.unreachable, error.shortDescription)
        }
    }

    var description: String {
        switch code {
        case .notRunning:
            "Scheduler is not running (nothing answers at \(baseURL)). Start it with: al start"
                + (environment.map { " -E \($0)" } ?? "")
        case .unreachable: "\(baseURL) cannot be reached: \(detail)."
        case .notAGateway:
            "\(baseURL) answered HTTP \(status ?? 0), but not as a gateway: the URL or a proxy in between is wrong."
                + " It said: \(detail)"
        case .unauthorized:
            "\(baseURL) does not accept the stored key: it is not the scheduler's. The key is kept in "
                + "credentials/gateway_api_key/default/key of ~/.action-llama (or ACTION_LLAMA_HOME)."
        case .notFound, .refused: detail
        }
    }
}
