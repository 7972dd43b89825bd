import Domain
import Foundation
import NIOCore
import Serving
import Synchronization

/// One end of a chat's WebSocket, as a test drives it.
final class ChatClient: Sendable {
    private struct State {
        var views: [JSONValue] = []
        var end: WebSocketClosure?
        var watchers: [CheckedContinuation<Void, Never>] = []
    }

    private let outgoing: AsyncStream<ByteBuffer>
    private let feed: AsyncStream<ByteBuffer>.Continuation
    private let state = Mutex(State())

    private init() { (outgoing, feed) = AsyncStream.makeStream(of: ByteBuffer.self) }

    /// Opens a WebSocket for as long as the body runs.
    static func with<Result: Sendable>(
        _ port: Int,
        _ path: String,
        headers: [String: String] = ["Authorization": "Bearer key"],
        _ body: @Sendable (ChatClient) async throws -> Result
    ) async throws -> Result {
        let socket = WebSocketClient(messageLimit: 1 << 20, random: { .random(in: .min ... .max) })
        let connection = try await socket.open(.init(host: "127.0.0.1", port: port, path: path, headers: headers))
        let client = ChatClient()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let end = await connection.exchange(client.outgoing, clock: ContinuousClock()) { text in
                    let view = try JSONValue(parsing: text)
                    client.change { $0.views.append(view) }
                }
                client.change { $0.end = end }
            }
            let result = try await body(client)
            group.cancelAll()
            return result
        }
    }

    func say(_ message: JSONValue) { feed.yield(ByteBuffer(string: message.compactText)) }
    func say(raw text: String) { feed.yield(ByteBuffer(string: text)) }

    var views: [JSONValue] { state.withLock { $0.views } }

    /// Waits until a message like this has come, and returns it; `nil` = the other side ended it before.
    func hear(_ isIt: @escaping @Sendable (JSONValue) -> Bool) async -> JSONValue? {
        await wait { $0.views.contains(where: isIt) || $0.end != nil }
        return views.first(where: isIt)
    }

    func hear(type: String) async -> JSONValue? { await hear { $0["type"]?.stringValue == type } }
    func hear(state: String) async -> JSONValue? { await hear { $0["state"]?.stringValue == state } }

    /// Waits until the other side has ended it.
    func end() async -> WebSocketClosure {
        await wait { $0.end != nil }
        return state.withLock { $0.end } ?? .lost
    }

    /// Forgets what has come so far.
    func forget() { change { $0.views = [] } }

    private func wait(until condition: (borrowing State) -> Bool) async {
        var isDone = false
        while !isDone {
            await withCheckedContinuation { continuation in
                isDone = state.withLock { state in
                    if condition(state) { return true }
                    state.watchers.append(continuation)
                    return false
                }
                if isDone { continuation.resume() }
            }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let watchers = state.withLock { state in
            body(&state)
            defer { state.watchers = [] }
            return state.watchers
        }
        watchers.forEach { $0.resume() }
    }
}
