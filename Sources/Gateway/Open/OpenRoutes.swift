import Domain
import Hummingbird
import Scheduler

/// `/health` and `/`.
struct OpenRoutes {
    let dependencies: GatewayDependencies
    let options: GatewayOptions

    var health: Route {
        Route(.get, "/health", plane: .open, isBrief: true) { _ in
            let problems: [String]
            do {
                problems = try await dependencies.operators.status().problems
            } catch {
                // The listener is up although the scheduler cannot say how it is: that is all a stranger learns.
                problems = ["scheduler: status not available"]
            }
            guard !problems.isEmpty else { return .json(["status": "ok"]) }
            return .json(["status": "degraded", "problems": .array(problems.map(JSONValue.string))])
        }
    }

    var all: [Route] {
        guard options.hasWebUI else { return [] }
        return [Route(.get, "/", plane: .open) { _ in .found(at: "/dashboard") }]
    }
}
