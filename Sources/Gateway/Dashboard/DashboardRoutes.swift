import Domain
import Hummingbird

/// The pages behind the login.
struct DashboardRoutes {
    let pages: DashboardPages

    var all: [Route] {
        [
            page("/dashboard") { _ in .overview },
            page("/dashboard/agents/:name") { .agent(try LogRoutes.agentName($0)) },
            page("/dashboard/agents/:name/logs") { .logs(agent: try LogRoutes.agentName($0)) },
            page("/dashboard/agents/:name/chat") { .chat(agent: try LogRoutes.agentName($0)) },
            page("/dashboard/runs/:instance") { .run(try Self.instance($0)) },
            page("/dashboard/deliveries") { _ in .deliveries },
            page("/dashboard/deliveries/:receipt") { .delivery(try Self.receipt($0)) },
            page("/dashboard/queue") { _ in .queue },
            page("/dashboard/locks") { _ in .locks },
            page("/dashboard/settings") { _ in .settings },
        ]
    }

    private func page(
        _ path: String,
        _ choose: @escaping @Sendable (GatewayRequest) throws -> DashboardPages.Page
    ) -> Route {
        Route(.get, path, plane: .operators) { .page(pages.page(try choose($0))) }
    }

    private static func instance(_ call: GatewayRequest) throws -> String {
        guard let instance = InstanceID(call["instance"]) else { throw Rejection(.notFound, error: "not found") }
        return instance.rawValue
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
