import Domain
import Hummingbird
import Scheduler
import Storage

/// The pages behind the login.
struct DashboardRoutes {
    let pages: DashboardPages
    let operators: any OperatorPlane

    var all: [Route] {
        [
            page("/dashboard") { _ in .overview },
            page("/dashboard/agents/:name") { .agent(try await knownAgent($0)) },
            page("/dashboard/agents/:name/logs") { .logs(agent: try await knownAgent($0)) },
            page("/dashboard/agents/:name/chat") { .chat(agent: try await knownAgent($0)) },
            page("/dashboard/runs/:instance") { call in
                .run(try await operators.requireRun(call["instance"]).instance.rawValue)
            },
            page("/dashboard/deliveries") { _ in .deliveries },
            page("/dashboard/deliveries/:receipt") { .delivery(try Self.receipt($0)) },
            page("/dashboard/queue") { _ in .queue },
            page("/dashboard/locks") { _ in .locks },
            page("/dashboard/settings") { _ in .settings },
        ]
    }

    private func page(
        _ path: String,
        _ choose: @escaping @Sendable (GatewayRequest) async throws -> DashboardPages.Page
    ) -> Route {
        Route(.get, path, plane: .operators) { call in
            do {
                return .page(pages.page(try await choose(call)))
            } catch let rejection as Rejection where call.request.wantsPage {
                let problem = rejection.body["error"]?.stringValue ?? ""
                return .page(pages.page(.missing(problem)), status: rejection.status)
            }
        }
    }

    /// The agent of the path; one that is gone counts as long as runs of it are kept.
    ///
    /// - Throws: ``Rejection`` 400, 404.
    private func knownAgent(_ call: GatewayRequest) async throws -> String {
        let name = try LogRoutes.agentName(call)
        // A text that can be no agent's name is simply not found.
        if let agent = try? AgentName(name) {
            if await operators.facts().agent(agent) != nil { return name }
            if try await !operators.history.runs(RunQuery(agent: agent, limit: 1)).runs.isEmpty { return name }
        }
        throw Rejection(.notFound, error: "Agent \(name) not found")
    }

    private static func receipt(_ call: GatewayRequest) throws -> String {
        let text = call["receipt"]
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy({ $0 == 45 || $0.isHexadecimalDigit }) else {
            throw Rejection(.notFound, error: "not found")
        }
        return text
    }
}

extension UInt8 {
    fileprivate var isHexadecimalDigit: Bool {
        switch self {
        case 48...57, 97...102: true
        default: false
        }
    }
}
