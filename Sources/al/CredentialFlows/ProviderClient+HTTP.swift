import AsyncHTTPClient
import Credentials
import Domain
import Foundation
import LanguageModels
import NIOCore
import NIOHTTP1

extension ProviderClient {
    /// One set for the process, never closed: that would wait for a proxy that does not answer.
    private static let routes: HTTPRoutes = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        // The default repeats what a proxy refuses until the whole time is over.
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPRoutes(ProxySettings(ProcessInfo.processInfo.environment), configuration: configuration)
    }()

    /// Asks over the network, through the proxy that this process's environment names; each question gets ten seconds.
    static func overHTTP() -> ProviderClient {
        ProviderClient(now: { Date() }, makeNonce: { RandomText.hex(bytes: 16) }) {
            request async throws(ProviderSendError) in
            do {
                return try await send(request, routes.client(for: request.url))
            } catch {
                throw sendError(error)
            }
        }
    }

    private static func send(_ request: ProviderRequest, _ http: HTTPClient) async throws -> ProviderAnswer {
        var outgoing = HTTPClientRequest(url: request.url)
        outgoing.method = HTTPMethod(rawValue: request.method)
        for (name, value) in request.headers { outgoing.headers.replaceOrAdd(name: name, value: value) }
        if outgoing.headers["User-Agent"].isEmpty {
            outgoing.headers.add(name: "User-Agent", value: "al/\(Version.current)")
        }
        if let body = request.body { outgoing.body = .bytes(ByteBuffer(string: body)) }
        let response = try await http.execute(outgoing, timeout: .seconds(10))
        let names = response.headers.map { ($0.name.lowercased(), $0.value) }
        return ProviderAnswer(
            status: Int(response.status.code),
            headers: Dictionary(names, uniquingKeysWith: { "\($0), \($1)" }),
            body: String(buffer: try await response.body.collect(upTo: 4 << 20))
        )
    }

    private static func sendError(_ error: any Error) -> ProviderSendError {
        switch error as? HTTPClientError {
        case .some(.connectTimeout), .some(.deadlineExceeded), .some(.readTimeout), .some(.tlsHandshakeTimeout),
            .some(.httpProxyHandshakeTimeout), .some(.getConnectionFromPoolTimeout):
            .timedOut
        case .some(.remoteConnectionClosed): .lostConnection
        case .some(.proxyAuthenticationRequired):
            .unreachable("the proxy wants a login; write it into the proxy's URL, http://user:password@host:port")
        default: .unreachable(String("\(error)".prefix(120)))
        }
    }
}
