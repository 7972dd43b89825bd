import AsyncHTTPClient
import Foundation
import NIOCore
import NIOPosix
import Terminal

/// Why the gateway gave no usable answer.
struct GatewayClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    enum Code: String, Hashable, Sendable {
        /// Nobody listens there.
        case notRunning
        /// Nobody listens there, but the lock that would say whether a scheduler runs, and where, cannot be read.
        case lockUnreadable
        /// The host is not known, does not answer in time or cannot be talked to.
        case unreachable
        /// No scheduler of the project runs, and something else listens where it would.
        case stranger
        /// The connection ended before an answer; what was ordered may have been done.
        case noAnswer
        /// The ssh connection that leads there cannot be had, or was lost.
        case tunnel
        /// The answer names another address.
        case redirected
        case notAGateway, unauthorized, notFound, refused
    }

    let code: Code
    let baseURL: String
    /// How the scheduler is started there, for people.
    let start: String
    let status: Int?
    let detail: String

    /// Whether no scheduler runs there, so that the files of a project on this machine may answer.
    var meansNoScheduler: Bool { code == .notRunning || code == .stranger }

    /// Whether a scheduler that starts again would answer.
    var mayPass: Bool {
        // A proxy before it says so in its own words.
        if let status, (502...504).contains(status) { return true }
        return meansNoScheduler || [.lockUnreadable, .unreachable, .noAnswer, .tunnel].contains(code)
    }

    /// Collects the facts.
    init(code: Code, baseURL: String, start: String, status: Int?, detail: String) {
        self.code = code
        self.baseURL = baseURL
        self.start = start
        self.status = status
        // It may come from anybody, and goes to a terminal.
        self.detail = detail.printableLines
    }

    /// Sorts what went wrong before any answer came.
    init(connecting error: any Error, baseURL: String, start: String) {
        let (code, detail) = Self.kind(of: error)
        self.init(code: code, baseURL: baseURL, start: start, status: nil, detail: detail)
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
        if let error = error as? IOError {
            // An address without a name has no list of connections that were tried.
            if error.errnoCode == ECONNREFUSED { return (.notRunning, "connection refused") }
            if [ECONNRESET, EPIPE].contains(error.errnoCode) { return (.noAnswer, "") }
        }
        guard let error = error as? HTTPClientError else { return (.unreachable, "\(error)") }
        switch error {
        case .connectTimeout: return (.unreachable, "no connection within 5 s")
        case .deadlineExceeded, .readTimeout: return (.unreachable, "no answer within 30 s")
        case .remoteConnectionClosed: return (.noAnswer, "")
        default: return (.unreachable, error.shortDescription)
        }
    }

    var description: String {
        switch code {
        case .notRunning:
            "Scheduler is not running (nothing answers at \(baseURL)). Start it \(start)"
        case .lockUnreadable:
            "Whether a scheduler of this project runs cannot be told: you cannot read \(detail), and nothing answers at "
                + "\(baseURL). If it runs elsewhere, name its address with gateway.url."
        case .stranger:
            "Scheduler is not running: no scheduler of this project runs here, and what answers at \(baseURL) is another "
                + "project's or another program. Start this one with: al start --port <n>; if that one is meant, name it "
                + "with gateway.url."
        case .noAnswer:
            "\(baseURL) closed the connection without an answer. What was ordered may have been done; see: al stat"
        case .redirected: "\(baseURL) redirects to \(detail): set gateway.url to the address that is meant."
        case .unreachable: "\(baseURL) cannot be reached: \(detail)."
        case .notAGateway:
            "\(baseURL) answered HTTP \(status ?? 0), but not as a gateway: the URL or a proxy in between is wrong."
                + " It said: \(detail)"
        case .unauthorized:
            "\(baseURL) does not accept the stored key: it is not the scheduler's. The key is kept in "
                + "credentials/gateway_api_key/default/key of ~/.action-llama (or ACTION_LLAMA_HOME)."
        case .notFound, .refused, .tunnel: detail
        }
    }
}
