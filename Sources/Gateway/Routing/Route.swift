import Hummingbird

/// One path and method and who may call it.
struct Route: Sendable {
    typealias Handler = @Sendable (GatewayRequest) async throws -> Response

    /// Who a route is for, and so which credential it asks.
    enum Plane: Hashable, Sendable {
        /// Nobody is asked; the handler checks what it must (signatures, a run's secret).
        case open
        /// The API key or a session.
        case operators
    }

    let method: HTTPRequest.Method
    /// Segments; one that begins with `:` takes any text and names it, `*` at the end takes one or more.
    let pattern: [String]
    let plane: Plane
    /// Whether the log shows the pattern instead of the path, because the path holds a secret.
    let hidesPath: Bool
    /// Whether the handler neither searches files nor computes for long, so that it may run on the event loop of its connection.
    let isBrief: Bool
    let handler: Handler

    init(
        _ method: HTTPRequest.Method,
        _ path: String,
        plane: Plane,
        hidesPath: Bool = false,
        isBrief: Bool = false,
        handler: @escaping Handler
    ) {
        self.method = method
        pattern = path.split(separator: "/").map(String.init)
        self.plane = plane
        self.hidesPath = hidesPath
        self.isBrief = isBrief
        self.handler = handler
    }

    /// The pattern as a path.
    var path: String { "/" + pattern.joined(separator: "/") }

    /// The named segments when the path fits, else `nil`.
    func parameters(for segments: [String]) -> [String: String]? {
        let takesMore = pattern.last == "*" && segments.count > pattern.count
        guard segments.count == pattern.count || takesMore else { return nil }
        var parameters: [String: String] = [:]
        for (part, segment) in zip(pattern, segments) {
            if part.hasPrefix(":") {
                parameters[String(part.dropFirst())] = segment
            } else if part != segment && part != "*" {
                return nil
            }
        }
        return parameters
    }
}
