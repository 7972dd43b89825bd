import Domain
import FoundationEssentials
import Hummingbird
import OrderedCollections
import Scheduler
import Storage

/// What the pages show and no route of operators tells: all agents' recent runs at once, configurations as loaded.
struct DashboardData {
    /// Runs that a strip shows.
    private static let stripLength = 20

    let operators: any OperatorPlane
    let settings: JSONValue
    let now: @Sendable () -> Date
    /// Hides the values of stored credentials: instructions may quote them.
    let mask: @Sendable (String) throws -> String

    var all: [Route] {
        [
            Route(.get, "/dashboard/api/overview", plane: .operators) { _ in try await overview() },
            Route(.get, "/dashboard/api/agents/:name", plane: .operators) { try await agent($0) },
            Route(.get, "/dashboard/api/settings", plane: .operators) { _ in .json(["settings": settings]) },
        ]
    }

    private func overview() async throws -> Response {
        let history = await operators.history
        let today = try await history.summary(of: nil, since: startOfDay)
        var agents = OrderedDictionary<String, JSONValue>()
        for agent in await operators.facts().agents {
            let recent = try await history.runs(Self.strip(of: agent.name)).runs
            let rows = today.filter { $0.agent == agent.name }
            agents[agent.name.rawValue] = [
                "recent": .array(
                    recent.map { ["instanceId": .string($0.instance.rawValue), "state": .string($0.state.rawValue)] }
                ),
                "runsToday": .int(rows.reduce(0) { $0 + $1.runs }),
                "costToday": .double(rows.reduce(0) { $0 + ($1.cost ?? 0) }),
            ]
        }
        return .json(["agents": .object(agents)])
    }

    private static func strip(of agent: AgentName) -> RunQuery {
        RunQuery(agent: agent, limit: stripLength)
    }

    /// Midnight UTC, like the days of the summary.
    private var startOfDay: Date {
        let seconds = now().timeIntervalSince1970
        return Date(timeIntervalSince1970: seconds - seconds.truncatingRemainder(dividingBy: 86_400))
    }

    private func agent(_ call: GatewayRequest) async throws -> Response {
        let name = try LogRoutes.agentName(call)
        guard let agent = await operators.facts().agents.first(where: { $0.name.rawValue == name }) else {
            throw Rejection(.notFound, error: "Agent \(name) not found")
        }
        return try .json(["config": SecretValues.hidden(agent.json)], masked: mask)
    }
}
