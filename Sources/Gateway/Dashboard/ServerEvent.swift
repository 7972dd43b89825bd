import Hummingbird

/// The text form of server-sent events.
enum ServerEvent {
    static let heartbeat = ByteBuffer(string: "event: heartbeat\ndata:\n\n")
    /// Says nothing, but lets proxies and browsers see that the stream is open.
    static let comment = ByteBuffer(string: ": open\n\n")

    /// An event whose data is one line.
    static func data(_ line: String, id: String? = nil) -> ByteBuffer {
        ByteBuffer(string: (id.map { "id: \($0)\n" } ?? "") + "data: \(line)\n\n")
    }
}

extension Response {
    /// An event stream.
    static func events(_ write: @escaping @Sendable @concurrent (inout any ResponseBodyWriter) async throws -> Void)
        -> Response
    {
        var headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-cache, no-transform"]
        if let buffering = HeaderName("X-Accel-Buffering") { headers[buffering] = "no" }
        let body = ResponseBody { writer in
            do {
                try await write(&writer)
            } catch is CancellationError {
                // The gateway stops or the client left: either way the stream just ends.
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }
}
