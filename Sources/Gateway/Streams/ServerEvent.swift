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
    var lastEventID: String? { HeaderName("Last-Event-ID").flatMap { request.headers[$0] } }

    /// An event stream: `produce` feeds the backlog, its events go to the client as fast as that one reads.
    func events(
        clock: any Clock<Duration>,
        _ produce: @escaping @Sendable (EventBacklog) async throws -> Void
    ) -> Response {
        var headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-cache, no-transform"]
        if let buffering = HeaderName("X-Accel-Buffering") { headers[buffering] = "no" }
        let disconnect = disconnect
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
            for await event in backlog.events.cancelOnGracefulShutdown() {
                try await writer.write(event)
                backlog.written(event)
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }
}
