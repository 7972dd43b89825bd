import Domain
import FoundationEssentials
import Hummingbird
import Scheduler

/// `/api/chat/*`: chats with agents in their containers, opened and ended.
struct ChatRoutes {
    let chats: any ChatPlane
    let rooms: ChatRooms

    var all: [Route] {
        [
            Route(.get, "/api/chat/sessions", plane: .operators) { _ in await list() },
            Route(.post, "/api/chat/sessions", plane: .operators) { try await open($0) },
            Route(.post, "/api/chat/sessions/:id/clear", plane: .operators) { try await clear($0) },
            Route(.delete, "/api/chat/sessions/:id", plane: .operators) { try await close($0) },
        ]
    }

    private func list() async -> Response {
        var sessions: [JSONValue] = []
        for chat in await chats.chats() {
            let state = await rooms.state(of: chat.id) ?? .starting
            sessions.append([
                "sessionId": .string(chat.id.rawValue), "agentName": .string(chat.agent.rawValue),
                "state": .string(state.rawValue), "openedAt": .string(chat.openedAt.formatted(.iso8601)),
            ])
        }
        return .json(["sessions": .array(sessions)])
    }

    private func open(_ call: GatewayRequest) async throws -> Response {
        guard let agent = try await call.object()["agentName"]?.stringValue, !agent.isEmpty else {
            throw Rejection(.badRequest, error: "missing agentName")
        }
        return try await mapped {
            let opening = try await rooms.open(agent)
            return .json(["sessionId": .string(opening.id.rawValue), "created": .bool(opening.isNew)])
        }
    }

    private func clear(_ call: GatewayRequest) async throws -> Response {
        let id = try Self.id(call)
        return try await mapped {
            try await rooms.clear(id)
            return .json(["success": true, "message": "The conversation is forgotten"])
        }
    }

    private func close(_ call: GatewayRequest) async throws -> Response {
        let id = try Self.id(call)
        return try await mapped {
            try await rooms.close(id)
            return .json(["success": true, "message": .string("Chat \(id) ended")])
        }
    }

    private static func id(_ call: GatewayRequest) throws -> InstanceID {
        guard let id = InstanceID(call["id"]) else { throw Rejection(.notFound, error: "Chat \(call["id"]) not found") }
        return id
    }

    private func mapped(_ order: () async throws -> Response) async throws -> Response {
        do {
            return try await order()
        } catch let refusal as RefusalError {
            switch refusal.code {
            case .notFound: throw Rejection(.notFound, error: refusal.reason)
            case .conflict, .stopping: throw Rejection(.conflict, error: refusal.reason)
            case .tooMany: throw Rejection(.tooManyRequests, error: refusal.reason)
            }
        }
    }
}
