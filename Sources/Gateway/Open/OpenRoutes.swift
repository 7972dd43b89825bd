import Domain
import Hummingbird
import Scheduler

/// `/health` and `/`.
struct OpenRoutes {
    let dependencies: GatewayDependencies
    let options: GatewayOptions

    var health: Route {
        Route(.get, "/health", plane: .open, isBrief: true) { _ in
            let problems = await dependencies.operators.problems()
            guard !problems.isEmpty else { return .json(["status": "ok"]) }
            return .json(["status": "degraded", "problems": .array(problems.map(JSONValue.string))])
        }
    }

    var all: [Route] {
        guard options.hasWebUI else { return [] }
        return [Route(.get, "/", plane: .open) { _ in .found(at: "/dashboard") }]
    }
}
