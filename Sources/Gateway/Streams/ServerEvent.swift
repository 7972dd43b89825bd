import Domain
import Hummingbird
import ServiceLifecycle

/// The text form of server-sent events.
enum ServerEvent {
    static let heartbeat = ByteBuffer(string: "event: heartbeat\ndata:\n\n")
    /// Says nothing, but lets proxies and browsers see that the stream is open.
    static let comment = ByteBuffer(string: ": open\n\n")

    /// An event whose data is one line.
    static func data(_ line: String, id: String? = nil, event: String? = nil) -> ByteBuffer {
        ByteBuffer(
            string: (id.map { "id: \($0)\n" } ?? "") + (event.map { "event: \($0)\n" } ?? "") + "data: \(line)\n\n"
        )
    }
}

extension GatewayRequest {
    /// What the client had last, on a stream that goes on after a lost connection.
    ///
    /// A browser says it by itself where it comes back by itself; a page that opens the stream anew says it by `after`.
    var lastEventID: String? { HeaderName("Last-Event-ID").flatMap { request.headers[$0] } ?? query("after") }

    /// An event stream: `produce` feeds the backlog, its events go to the client as fast as that one reads and as long as it
    /// is an operator.
    func events(_ produce: @escaping @Sendable (EventBacklog) async throws -> Void) -> Response {
        var headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-cache, no-transform"]
        if let buffering = HeaderName("X-Accel-Buffering") { headers[buffering] = "no" }
        let (disconnect, clock, isStillOperator) = (disconnect, clock, isStillOperator)
        let body = ResponseBody { writer in
            try await writer.write(ServerEvent.comment)
            let backlog = EventBacklog(clock: clock, disconnect: disconnect)
            // Runs beside the writer, which cannot move into a child task; cancelled when the writer ends.
            let feed = Task {
                defer { backlog.finish() }
                // It ends when the client leaves, the gateway stops or its source fails: each way the stream just ends.
                try? await produce(backlog)
            }
            defer { feed.cancel() }
            var isToBeAsked = clock.deadline(in: .seconds(1))
            for await event in backlog.events.cancelOnGracefulShutdown() {
                if isToBeAsked() {
                    // The session is over or the key another one: even where nothing happens the next heartbeat ends the stream.
                    guard isStillOperator() else { break }
                    isToBeAsked = clock.deadline(in: .seconds(1))
                }
                try await writer.write(event)
                backlog.written(event)
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }
}
