import Domain
import Foundation
import Hummingbird

/// Who is an operator.
struct AccessControl: Sendable {
    static let cookieName = "al_session"

    let dependencies: GatewayDependencies
    let sessions: SessionStore

    /// The answer to a request that does not come from an operator, else `nil`.
    func refusal(of request: Request) -> Response? {
        switch login(of: request, prolonging: true) {
        case .key: return nil
        case .session where request.method == .get || request.method == .head || Self.isSameOrigin(request): return nil
        case .session: return Rejection(.forbidden, error: "cross-origin request refused").response
        case nil: return unauthorized(request)
        }
    }

    /// Whether a request would still come from an operator; the session's life goes on as it was.
    func isOperator(_ request: Request) -> Bool { login(of: request, prolonging: false) != nil }

    /// What shows that a request comes from an operator.
    private enum Login { case key, session }

    private func login(of request: Request, prolonging: Bool) -> Login? {
        // Without a readable key nobody is an operator.
        guard let key = try? dependencies.apiKey(), !key.isEmpty else { return nil }
        if let token = bearerToken(in: request.headers), key.utf8.isSameSecret(as: token.utf8) { return .key }
        guard let id = Self.sessionID(in: request.headers) else { return nil }
        let now = dependencies.now()
        let isLive = prolonging ? sessions.touch(id, key: key, at: now) : sessions.isOpen(id, key: key, at: now)
        return isLive ? .session : nil
    }

    /// Opens a session when the key is right.
    ///
    /// - Returns: the cookie's value.
    func openSession(with key: String) throws -> String? {
        let expected = try dependencies.apiKey()
        guard !expected.isEmpty, expected.utf8.isSameSecret(as: key.utf8) else { return nil }
        let id = Self.base64URL(dependencies.randomBytes(32))
        sessions.open(id, key: expected, at: dependencies.now())
        return id
    }

    /// The session a browser shows.
    static func sessionID(in headers: HTTPFields) -> String? {
        for cookie in (headers[.cookie] ?? "").split(separator: ";") {
            let parts = cookie.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0].filter({ $0 != " " }) == cookieName else { continue }
            return String(parts[1])
        }
        return nil
    }

    /// Whether a page of this host sent the request.
    static func isSameOrigin(_ request: Request) -> Bool {
        let referer = HeaderName("Referer").flatMap { request.headers[$0] }
        guard let source = request.headers[.origin] ?? referer, let own = request.head.authority,
            let scheme = source.range(of: "://")
        else { return false }
        return source[scheme.upperBound...].prefix { $0 != "/" }.lowercased() == own.lowercased()
    }

    private static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private func unauthorized(_ request: Request) -> Response {
        if request.wantsPage { return .found(at: "/login") }
        return Rejection(.unauthorized, error: "Unauthorized", headers: [.wwwAuthenticate: "Bearer"]).response
    }
}
