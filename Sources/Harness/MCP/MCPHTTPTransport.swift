import AsyncHTTPClient
import Domain
import Foundation
import LanguageModels
import NIOCore
import NIOHTTP1
import Synchronization

/// A server that is reached by streamable HTTP: each message is a POST, answered by JSON or an event stream.
struct MCPHTTPTransport: MCPTransport {
    fileprivate static let bodyLimit = 16 << 20
    /// The time of a call is the caller's business; a day stands for "none".
    private static let longest = TimeAmount.hours(24)

    let url: String
    let headers: [String: String]
    let http: HTTPClient
    let clock: any Clock<Duration>
    /// How long the server may take to accept what has no answer.
    let acceptance: TimeAmount

    func connect(_ body: @Sendable (MCPChannel) async throws -> Void) async throws {
        let (incoming, continuation) = AsyncStream.makeStream(of: JSONValue.self, bufferingPolicy: .unbounded)
        let (sending, outbox) = AsyncStream.makeStream(of: Posting.self, bufferingPolicy: .unbounded)
        let state = SessionState()
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Each message has a task of its own: the answer to one may be a long stream while the next is sent.
            group.addTask {
                await withDiscardingTaskGroup { posts in
                    for await posting in sending {
                        posts.addTask { await post(posting, state, continuation) }
                    }
                    posts.cancelAll()
                }
            }
            group.addTask { try await listen(state, continuation) }
            defer { group.cancelAll() }
            try await body(
                MCPChannel(
                    send: { message in
                        // A server may be too busy with a call to take these; nobody waits for that.
                        let method = message["method"]?.stringValue
                        if method == nil || method == "notifications/cancelled" {
                            outbox.yield(Posting(message: message, done: nil))
                            return
                        }
                        try await withCheckedThrowingContinuation { done in
                            guard case .enqueued = outbox.yield(Posting(message: message, done: done)) else {
                                done.resume(throwing: CancellationError())
                                return
                            }
                        }
                    },
                    incoming: incoming,
                    agreed: { version in state.agree(version) }
                )
            )
            outbox.finish()
            await end(state)
        }
    }

    /// A message on its way; `done` hears whether the server took it.
    private struct Posting: Sendable {
        var message: JSONValue
        var done: CheckedContinuation<Void, any Error>?

        var isRequest: Bool { message["id"] != nil && message["method"] != nil }
    }

    /// What the server gave for the requests to come.
    private final class SessionState: Sendable {
        private struct Facts {
            var id: String?
            var version: String?
            var waiter: CheckedContinuation<Void, Never>?
        }

        private let facts = Mutex(Facts())

        var headers: [(String, String)] {
            facts.withLock { facts in
                [("Mcp-Session-Id", facts.id), ("MCP-Protocol-Version", facts.version)].compactMap { name, value in
                    value.map { (name, $0) }
                }
            }
        }

        var id: String? { facts.withLock { $0.id } }

        func opened(_ id: String) { facts.withLock { $0.id = id } }

        func agree(_ version: String) {
            let waiter = facts.withLock { facts in
                facts.version = version
                defer { facts.waiter = nil }
                return facts.waiter
            }
            waiter?.resume()
        }

        /// Waits until a version is agreed on, or the task is cancelled.
        func waitUntilAgreed() async {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isOver = facts.withLock { facts in
                        if facts.version != nil || Task.isCancelled { return true }
                        facts.waiter = continuation
                        return false
                    }
                    if isOver { continuation.resume() }
                }
            } onCancel: {
                let waiter = facts.withLock { facts in
                    defer { facts.waiter = nil }
                    return facts.waiter
                }
                waiter?.resume()
            }
        }
    }

    private func request(_ method: HTTPMethod, _ state: SessionState) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        request.method = method
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        for (name, value) in state.headers { request.headers.replaceOrAdd(name: name, value: value) }
        return request
    }

    private func post(
        _ posting: Posting,
        _ state: SessionState,
        _ incoming: AsyncStream<JSONValue>.Continuation
    ) async {
        var request = request(.POST, state)
        request.headers.replaceOrAdd(name: "Content-Type", value: "application/json")
        request.headers.replaceOrAdd(name: "Accept", value: "application/json, text/event-stream")
        request.body = .bytes(ByteBuffer(string: posting.message.compactText))
        let response: HTTPClientResponse
        do {
            response = try await http.execute(request, timeout: posting.isRequest ? Self.longest : acceptance)
        } catch {
            posting.done?.resume(throwing: error)
            // A connection that broke cost one answer; otherwise nobody listens there any more.
            let isBroken = error is IOError || (error as? HTTPClientError).map { $0 != .connectTimeout } ?? false
            if !isBroken { incoming.finish() }
            return
        }
        guard (200..<300).contains(response.status.code) else {
            let refusal = await Refused(response)
            posting.done?.resume(throwing: refusal)
            if refusal.endsSession(hasID: state.id != nil) { incoming.finish() }
            return
        }
        if let id = response.headers.first(name: "Mcp-Session-Id") { state.opened(id) }
        posting.done?.resume()
        do {
            try await read(response, incoming)
        } catch {
            // The answer broke; whoever waits for it is told.
        }
        if posting.isRequest, let id = posting.message["id"] {
            incoming.yield(["mcp-ended": id])
        }
    }

    private func read(_ response: HTTPClientResponse, _ incoming: AsyncStream<JSONValue>.Continuation) async throws {
        let type = response.headers.first(name: "Content-Type") ?? ""
        guard type.hasPrefix("text/event-stream") else {
            let body = try await response.body.collect(upTo: Self.bodyLimit)
            // Acknowledgements have no body, or a body that says nothing.
            if let message = try? JSONValue(parsing: body.readableBytesView) { incoming.yield(message) }
            return
        }
        var parser = SSEParser(limit: Self.bodyLimit)
        for try await buffer in response.body {
            for event in try parser.feed(buffer.readableBytesView) {
                if let message = try? JSONValue(parsing: event.data) { incoming.yield(message) }
            }
        }
    }

    /// Hears what the server says of its own accord, where it does.
    private func listen(_ state: SessionState, _ incoming: AsyncStream<JSONValue>.Continuation) async throws {
        await state.waitUntilAgreed()
        while !Task.isCancelled {
            var request = request(.GET, state)
            request.headers.replaceOrAdd(name: "Accept", value: "text/event-stream")
            do {
                let response = try await http.execute(request, timeout: Self.longest)
                guard response.status == .ok else { return }
                try await read(response, incoming)
            } catch {
                // The stream is an extra; calls tell by themselves when the server is gone.
            }
            try await clock.sleep(for: .seconds(1))
        }
    }

    private func end(_ state: SessionState) async {
        guard state.id != nil else { return }
        let request = request(.DELETE, state)
        let http = http
        // A shield: it must be sent although the run is over. The server ends the session sooner or later in any case.
        await Task { _ = try? await http.execute(request, timeout: .seconds(2)) }.value
    }

    /// An answer that is none.
    struct Refused: Error, CustomStringConvertible {
        private static let shownBytes = 500

        private let status: UInt
        private let location: String?
        /// The beginning of what it said.
        private let text: String

        init(_ response: HTTPClientResponse) async {
            status = response.status.code
            location = response.headers.first(name: "Location")
            // An answer without words, or with far too many, is an answer all the same.
            let body = try? await response.body.collect(upTo: MCPHTTPTransport.bodyLimit)
            let beginning = body.map { Array($0.readableBytesView.prefix(Self.shownBytes)) } ?? []
            text = String(decoding: beginning, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        }

        /// Whether nothing more will come: the session is gone, or we are not let in.
        ///
        /// The rest is about one message.
        func endsSession(hasID: Bool) -> Bool { status == 401 || status == 403 || (status == 404 && hasID) }

        var description: String {
            let answer = "it answered HTTP \(status)" + (text.isEmpty ? "" : ": \(text)")
            return switch status {
            case 300..<400: "it answered HTTP \(status): redirected to \(location ?? "nowhere"); set url"
            case 401, 403: "\(answer); check the headers of its table"
            default: answer
            }
        }
    }
}
