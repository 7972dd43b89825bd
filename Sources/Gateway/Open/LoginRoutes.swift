import Hummingbird
import Webhooks

/// The login of the dashboard.
struct LoginRoutes {
    let access: AccessControl
    let pages: DashboardPages
    let options: GatewayOptions
    let dependencies: GatewayDependencies
    private let failures = RateLimiter(limit: 5, window: 60)

    init(access: AccessControl, pages: DashboardPages, options: GatewayOptions, dependencies: GatewayDependencies) {
        self.access = access
        self.pages = pages
        self.options = options
        self.dependencies = dependencies
    }

    var all: [Route] {
        [
            Route(.get, "/login", plane: .open) { _ in page(problem: nil) },
            Route(.post, "/login", plane: .open) { try await logIn($0) },
            Route(.post, "/logout", plane: .open) { try logOut($0) },
        ]
    }

    private func page(problem: String?, status: HTTPResponse.Status = .ok) -> Response {
        .page(pages.login(problem: problem, keyHint: options.keyHint), status: status)
    }

    private func logIn(_ call: GatewayRequest) async throws -> Response {
        guard !failures.isExhausted(call.client.name, at: dependencies.now()) else {
            return page(problem: "Too many attempts: wait a minute", status: .tooManyRequests)
        }
        let form = try await call.body(limit: 64 << 10)
        let key = FormBody.value(of: "key", in: form).map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard let session = try access.openSession(with: key) else {
            // Counted before the delay, so that attempts side by side gain nothing.
            guard failures.record(call.client.name, at: dependencies.now()) else {
                return page(problem: "Too many attempts: wait a minute", status: .tooManyRequests)
            }
            try await dependencies.clock.sleep(for: .seconds(1))
            return page(problem: "Invalid API key", status: .unauthorized)
        }
        return .found(at: "/dashboard", setting: cookie(session, for: call))
    }

    private func logOut(_ call: GatewayRequest) throws -> Response {
        if let id = AccessControl.sessionID(in: call.request.headers) {
            guard AccessControl.isSameOrigin(call.request) else {
                throw Rejection(.forbidden, error: "cross-origin request refused")
            }
            access.sessions.close(id)
        }
        return .found(at: "/login", setting: cookie("", for: call) + "; Max-Age=0")
    }

    private func cookie(_ value: String, for call: GatewayRequest) -> String {
        // A browser drops a Secure cookie that comes over plain HTTP, unless it considers the host local.
        let secure = call.client.isLoopback ? "" : "; Secure"
        return "\(AccessControl.cookieName)=\(value); HttpOnly; SameSite=Strict; Path=/\(secure)"
    }
}
