import Domain
import Egress
import Foundation

/// `al _connect <host> <port>`: joins the standard streams to a host, through the proxy of the environment.
enum ConnectRoot {
    /// Connects, and returns when the far end is done.
    ///
    /// - Returns: 1 when the proxy refuses, 2 for a wrong call.
    static func run(arguments: [String]) async -> Int32 {
        guard arguments.count == 2, let port = Int(arguments[1]), (1...65535).contains(port) else {
            Console.error("Usage: al _connect <host> <port>")
            return 2
        }
        let host = arguments[0]
        let proxies = ProxySettings(ProcessInfo.processInfo.environment)
        guard let proxy = proxies.server(for: "https://\(host)"), proxy.kind == .http else {
            Console.error("al _connect: there is no proxy for \(host) (HTTPS_PROXY)")
            return 1
        }
        do {
            try await ProxyTunnel(host: host, port: port, through: proxy).connectStandardStreams(through: proxy)
            return 0
        } catch {
            Console.error("al _connect: \(error)")
            return 1
        }
    }
}
