import Hummingbird

/// Finds the route of a request.
struct RouteTable: Sendable {
    /// What became of the search.
    enum Match {
        case found(Route, parameters: [String: String])
        /// The path exists, for these methods and for these callers.
        case wrongMethod(allowed: [String], plane: Route.Plane)
        case none
    }

    /// Routes by their first segments, which all are literal.
    private let routes: [String: [Route]]

    init(_ routes: [Route]) { self.routes = Dictionary(grouping: routes) { $0.pattern.first ?? "" } }

    /// Looks for a route; a literal segment beats a named one because it stands first in the list.
    func match(_ method: HTTPRequest.Method, _ segments: [String]) -> Match {
        var allowed: [String] = []
        var plane = Route.Plane.open
        for route in routes[segments.first ?? ""] ?? [] {
            guard let parameters = route.parameters(for: segments) else { continue }
            if route.method == method || (method == .head && route.method == .get) {
                return .found(route, parameters: parameters)
            }
            allowed.append(route.method.rawValue)
            plane = route.plane
        }
        return allowed.isEmpty ? .none : .wrongMethod(allowed: allowed, plane: plane)
    }
}
