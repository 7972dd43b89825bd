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

    private let routes: [Route]

    init(_ routes: [Route]) { self.routes = routes }

    /// Looks for a route; a literal segment beats a named one because it stands first in the list.
    func match(_ method: HTTPRequest.Method, _ segments: [String]) -> Match {
        var allowed: [String] = []
        var plane = Route.Plane.open
        for route in routes {
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
