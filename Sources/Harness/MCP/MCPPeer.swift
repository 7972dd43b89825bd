import Domain
import Synchronization

/// The conversation with one server: requests and their answers, and what the server asks.
final class MCPPeer: Sendable {
    private struct Call {
        var continuation: CheckedContinuation<JSONValue, any Error>
        /// Times that the server told about its progress.
        var progress = 0
    }

    private struct State {
        var send: (@Sendable (JSONValue) async throws -> Void)?
        var nextID = 1
        var calls: [Int: Call] = [:]
        var hasNewTools = false
    }

    private let server: String
    private let clock: any Clock<Duration>
    private let state = Mutex(State())

    init(server: String, clock: any Clock<Duration>) {
        self.server = server
        self.clock = clock
    }

    /// From now on requests go over this channel.
    func attach(_ channel: MCPChannel) { state.withLock { $0.send = channel.send } }

    /// Takes what comes over the channel until the other side is gone.
    func serve(_ channel: MCPChannel) async {
        for await message in channel.incoming {
            for single in message.arrayValue ?? [message] { await take(single, channel) }
        }
    }

    /// Whether the server said that its tools changed; asking takes the word away.
    func takeNewTools() -> Bool {
        state.withLock { state in
            defer { state.hasNewTools = false }
            return state.hasNewTools
        }
    }

    /// Asks and waits for the answer; progress that the server tells about starts the time again.
    ///
    /// - Throws: ``MCPError``, or `CancellationError`; the server is told then that nobody waits any more.
    func request(_ method: String, _ parameters: JSONValue, within limit: Duration) async throws -> JSONValue {
        let id = state.withLock { state in
            defer { state.nextID += 1 }
            return state.nextID
        }
        var parameters = parameters
        parameters["_meta"] = ["progressToken": .int(id)]
        let message: JSONValue = [
            "jsonrpc": "2.0", "id": .int(id), "method": .string(method), "params": parameters,
        ]
        do {
            return try await withThrowingTaskGroup(of: JSONValue?.self) { group in
                group.addTask { try await self.answer(to: message, id: id) }
                group.addTask {
                    try await self.waitWithoutProgress(id, limit)
                    return nil
                }
                defer { group.cancelAll() }
                guard let answer = try await group.next() ?? nil else {
                    let seconds = limit.components.seconds
                    throw MCPError(.timedOut, self.server, "no answer to \(method) within \(seconds) s")
                }
                return answer
            }
        } catch {
            let isCancelled = error is CancellationError || Task.isCancelled
            if isCancelled || (error as? MCPError)?.code == .timedOut { await withdraw(id) }
            throw error
        }
    }

    /// Tells something that has no answer.
    func notify(_ method: String, _ parameters: JSONValue? = nil) async throws {
        try await send(.object(["jsonrpc": "2.0", "method": .string(method), "params": parameters]))
    }

    private func send(_ message: JSONValue) async throws {
        guard let send = state.withLock({ $0.send }) else { throw gone }
        try await send(message)
    }

    private var gone: MCPError { MCPError(.gone, server, "the connection is closed") }

    private func answer(to message: JSONValue, id: Int) async throws -> JSONValue {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isLost = state.withLock { state in
                    if Task.isCancelled || state.send == nil { return true }
                    state.calls[id] = Call(continuation: continuation)
                    return false
                }
                guard !isLost else {
                    continuation.resume(throwing: Task.isCancelled ? CancellationError() : gone)
                    return
                }
                // A bridge: the continuation is entered before anything is sent, so that no answer can be too early.
                Task {
                    do { try await self.send(message) } catch { self.end(id, throwing: error) }
                }
            }
        } onCancel: {
            end(id, throwing: CancellationError())
        }
    }

    private func waitWithoutProgress(_ id: Int, _ limit: Duration) async throws {
        var seen = 0
        while true {
            try await clock.sleep(for: limit)
            let now = state.withLock { $0.calls[id]?.progress ?? seen }
            guard now != seen else { return }
            seen = now
        }
    }

    private func withdraw(_ id: Int) async {
        // A shield: the server must hear it although the caller was cancelled.
        await Task {
            let parameters: JSONValue = ["requestId": .int(id), "reason": "nobody waits for the answer"]
            // Whoever is gone need not be told.
            try? await self.notify("notifications/cancelled", parameters)
        }.value
    }

    private func end(_ id: Int, throwing error: any Error) {
        state.withLock { $0.calls.removeValue(forKey: id) }?.continuation.resume(throwing: error)
    }

    /// Nothing goes over the channel any more; whoever waits for an answer is told.
    func detach() {
        let calls = state.withLock { state in
            state.send = nil
            defer { state.calls = [:] }
            return state.calls.values
        }
        for call in calls { call.continuation.resume(throwing: gone) }
    }

    private func take(_ message: JSONValue, _ channel: MCPChannel) async {
        if let id = message["mcp-ended"]?.intValue {
            end(id, throwing: MCPError(.badAnswer, server, "the answer ended before it was complete"))
        } else if let method = message["method"]?.stringValue {
            guard let id = message["id"] else {
                hear(method, message["params"] ?? [:])
                return
            }
            // A server that is gone meanwhile needs no answer.
            try? await channel.send(Self.answer(method, id))
        } else if let id = message["id"]?.intValue,
            let call = state.withLock({ $0.calls.removeValue(forKey: id) })
        {
            call.continuation.resume(with: result(message))
        }
    }

    /// What servers may ask: whether we are there, and nothing else.
    private static func answer(_ method: String, _ id: JSONValue) -> JSONValue {
        if method == "ping" { return ["jsonrpc": "2.0", "id": id, "result": [:]] }
        return [
            "jsonrpc": "2.0", "id": id,
            "error": ["code": -32601, "message": .string("\(method) is not supported by this client")],
        ]
    }

    private func hear(_ method: String, _ parameters: JSONValue) {
        state.withLock { state in
            switch method {
            case "notifications/tools/list_changed": state.hasNewTools = true
            case "notifications/progress":
                guard let id = parameters["progressToken"]?.intValue else { return }
                state.calls[id]?.progress += 1
            default: break
            }
        }
    }

    private func result(_ message: JSONValue) -> Result<JSONValue, any Error> {
        if let result = message["result"] { return .success(result) }
        let error = message["error"] ?? [:]
        let text = error["message"]?.stringValue ?? "an answer without result"
        return .failure(MCPError(.refused, server, "\(text) (code \(error["code"]?.compactText ?? "unknown"))"))
    }
}
