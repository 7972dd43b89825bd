package import AsyncHTTPClient
package import Domain
import NIOSSL

/// The HTTP clients of a run: one goes straight to its target, the others through the proxies that an environment names.
///
/// Through a proxy every request travels in a tunnel (`CONNECT`), so that the proxy sees the target's name and port only.
package struct HTTPRoutes: Sendable {
    private let settings: ProxySettings
    private let direct: HTTPClient
    private let tunnelled: [ProxyServer: HTTPClient]

    /// Makes the clients; nothing is connected yet.
    ///
    /// - Parameters:
    ///   - settings: which target is reached how.
    ///   - configuration: of each client; its own proxy is not looked at.
    package init(_ settings: ProxySettings, configuration: HTTPClient.Configuration = .init()) {
        func client(_ proxy: HTTPClient.Configuration.Proxy?) -> HTTPClient {
            var configuration = configuration
            configuration.proxy = proxy
            if let file = settings.certificateFile {
                configuration.tlsConfiguration = .makeClientConfiguration()
                configuration.tlsConfiguration?.trustRoots = .file(file)
            }
            return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
        }
        self.settings = settings
        direct = client(nil)
        let servers = settings.servers.map { ($0, client(.init($0))) }
        tunnelled = Dictionary(uniqueKeysWithValues: servers)
    }

    /// Makes the clients for as long as the body runs.
    ///
    /// - Parameters:
    ///   - settings: which target is reached how.
    ///   - configuration: of each client.
    ///   - body: asks.
    /// - Returns: what the body returns.
    /// - Throws: what the body throws.
    package static func with<Result>(
        _ settings: ProxySettings,
        configuration: HTTPClient.Configuration = .init(),
        body: (HTTPRoutes) async throws -> Result
    ) async throws -> Result {
        let routes = HTTPRoutes(settings, configuration: configuration)
        do {
            let result = try await body(routes)
            await routes.shutdown()
            return result
        } catch {
            await routes.shutdown()
            throw error
        }
    }

    /// The client that reaches a URL.
    package func client(for url: String) -> HTTPClient {
        settings.server(for: url).flatMap { tunnelled[$0] } ?? direct
    }

    /// PEM file with the authorities that servers are believed by; `nil` = those of the machine.
    package var certificateFile: String? { settings.certificateFile }

    /// Closes all connections.
    package func shutdown() async {
        for client in [direct] + tunnelled.values {
            // Nothing depends on how the connections end.
            try? await client.shutdown()
        }
    }
}

extension HTTPClient.Configuration.Proxy {
    fileprivate init(_ server: ProxyServer) {
        let login = server.login.map { HTTPClient.Authorization.basic(username: $0.user, password: $0.password) }
        self =
            switch server.kind {
            case .http: .server(host: server.host, port: server.port, authorization: login)
            case .socks: .socksServer(host: server.host, port: server.port)
            }
    }
}
