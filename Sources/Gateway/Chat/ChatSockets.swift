import Domain
import Foundation
import Hummingbird
import Scheduler
import Serving
import Synchronization

/// The WebSockets of chats: `/chat/ws/:id` for browsers, `/chat/container/:id` for containers.
struct ChatSockets {
    static let pathPrefix = "/chat/"

    let listener: ListenerKind
    let dependencies: GatewayDependencies
    let access: AccessControl
    let rooms: ChatRooms

    /// The door of one listener.
    var door: WebSocketDoor {
        WebSocketDoor(pathPrefix: Self.pathPrefix, messageLimit: ChatLimits.messageBytes) { await decide($0) }
    }

    private func decide(_ request: WebSocketDoor.Request) async -> WebSocketDoor.Verdict {
        let path = String(request.uri.prefix { $0 != "?" })
        let verdict = await verdict(on: request, path.split(separator: "/").map(String.init))
        let status = if case .refuse(let refusal) = verdict { refusal.status } else { 101 }
        let fields: JSONValue = ["method": "GET", "path": .string(path), "status": .int(status)]
        dependencies.log(GatewayLogLine(level: status < 400 ? .debug : .warn, message: "request", fields: fields))
        return verdict
    }

    private func verdict(on request: WebSocketDoor.Request, _ segments: [String]) async -> WebSocketDoor.Verdict {
        guard segments.count == 3, listener == .main || segments[1] == "container" else { return .refuse(.notFound) }
        switch segments[1] {
        case "ws":
            let head = Self.head(of: request)
            if let refusal = refusal(of: head) { return .refuse(refusal) }
            guard let id = await chat(segments[2]) else { return .refuse(.notFound) }
            return .accept { await serveBrowser($0, id, of: head) }
        case "container":
            guard let id = await chat(segments[2]) else { return .refuse(.notFound) }
            return .accept { await serveContainer($0, id) }
        default: return .refuse(.notFound)
        }
    }

    private func chat(_ text: String) async -> InstanceID? {
        guard let id = InstanceID(text), await rooms.state(of: id) != nil else { return nil }
        return id
    }

    /// Why a browser may not come in.
    ///
    /// A page of another host could use the cookie of whoever looks at it, and browsers ask nobody before they open a WebSocket.
    private func refusal(of request: Request) -> WebSocketDoor.Refusal? {
        guard access.refusal(of: request) == nil else {
            return .init(status: 401, headers: ["WWW-Authenticate": "Bearer"], body: #"{"error":"Unauthorized"}"#)
        }
        let isBrowser = request.headers[.origin] != nil || bearerToken(in: request.headers) == nil
        guard !isBrowser || AccessControl.isSameOrigin(request) else {
            return .init(status: 403, body: #"{"error":"cross-origin request refused"}"#)
        }
        return nil
    }

    private static func head(of request: WebSocketDoor.Request) -> Request {
        var fields = HTTPFields()
        var host: String?
        for (name, value) in request.headers {
            if name.lowercased() == "host" { host = value }
            guard let name = HeaderName(name) else { continue }
            fields.append(HTTPFields.Element(name: name, value: value))
        }
        let head = HTTPRequest(method: .get, scheme: "http", authority: host, path: request.uri, headerFields: fields)
        return Request(head: head, body: RequestBody(buffer: ByteBuffer()))
    }

    // MARK: Browsers

    private func serveBrowser(
        _ connection: WebSocketConnection,
        _ id: InstanceID,
        of head: Request
    ) async {
        let clock = dependencies.clock
        let backlog = EventBacklog(clock: clock, disconnect: { connection.disconnect() })
        guard let seat = await rooms.join(id, backlog) else { return connection.disconnect() }
        let limiter = RateLimiter(limit: ChatLimits.messagesPerSecond, window: 1)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // The sleep fails only when the connection ends; so does the offer.
                while (try? await clock.sleep(for: ChatLimits.heartbeat)) != nil {
                    // Who only listens is asked as well whether the session goes on.
                    guard access.isOperator(head) else { return connection.disconnect() }
                    guard (try? backlog.offer(ByteBuffer(string: ChatReport.heartbeat.json.compactText))) != nil else {
                        return
                    }
                }
            }
            _ = await connection.exchange(backlog.events, clock: clock, onSent: { backlog.written($0) }) { text in
                guard limiter.record("", at: dependencies.now()) else {
                    let most = ChatLimits.messagesPerSecond
                    throw WebSocketClosure(.policyViolation, "at most \(most) messages a second")
                }
                guard refusal(of: head) == nil else { throw WebSocketClosure(.policyViolation, "the login has ended") }
                await take(text, in: id, from: seat)
            }
            group.cancelAll()
        }
        await rooms.leave(id, seat: seat)
    }

    private func take(_ text: String, in id: InstanceID, from seat: Int) async {
        do {
            let order = try ChatOrder(parsing: text)
            guard order != .clear else { throw ChatMessageError.unknownType("clear") }
            await rooms.take(order, in: id, from: seat)
        } catch {
            await rooms.tell(.report(.error("Not understood: \(error).")), in: id, seat: seat)
        }
    }

    // MARK: Containers

    private func serveContainer(_ connection: WebSocketConnection, _ id: InstanceID) async {
        let clock = dependencies.clock
        let backlog = EventBacklog(clock: clock, disconnect: { connection.disconnect() })
        let isKnown = Known()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Cancelled: the connection has ended.
                guard (try? await clock.sleep(for: ChatLimits.authentication)) != nil, !isKnown.value else { return }
                connection.disconnect()
            }
            _ = await connection.exchange(backlog.events, clock: clock, onSent: { backlog.written($0) }) { text in
                let report = try Self.report(text)
                if isKnown.value { return await rooms.take(report, in: id) }
                guard case .auth(let token) = report, await dependencies.chats.isChat(id, knownBy: token) else {
                    throw WebSocketClosure(.policyViolation, "unknown token")
                }
                guard await rooms.containerArrived(id, backlog) else {
                    throw WebSocketClosure(.policyViolation, "the chat has its container")
                }
                isKnown.set()
            }
            group.cancelAll()
        }
        if isKnown.value { await rooms.containerLeft(id) }
    }

    private static func report(_ text: String) throws -> ChatReport {
        do {
            return try ChatReport(parsing: text)
        } catch {
            throw WebSocketClosure(.unacceptableData, "\(error)")
        }
    }

    /// Whether a container has shown its token.
    private final class Known: Sendable {
        private let state = Mutex(false)

        var value: Bool { state.withLock { $0 } }

        func set() { state.withLock { $0 = true } }
    }
}

extension WebSocketDoor.Refusal {
    fileprivate static let notFound = WebSocketDoor.Refusal(status: 404, body: #"{"error":"not found"}"#)
}
