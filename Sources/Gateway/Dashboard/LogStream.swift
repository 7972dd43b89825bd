import Domain
import Hummingbird
import ServiceLifecycle

/// Server-sent events with the entries of an agent's log.
struct LogStream {
    let reader: LogReader
    let clock: any Clock<Duration>

    var all: [Route] {
        [
            Route(.get, "/dashboard/api/logs/:name/stream", plane: .operators) { call in
                let name = try LogRoutes.agentName(call)
                let last = HeaderName("Last-Event-ID").flatMap { call.request.headers[$0] }.flatMap { LogCursor($0) }
                return .events { try await follow(name, after: last, &$0) }
            }
        ]
    }

    /// Begins with the last 100 entries, or behind the one the client had last.
    @concurrent
    private func follow(_ name: String, after last: LogCursor?, _ writer: inout any ResponseBodyWriter) async throws {
        try await writer.write(ServerEvent.comment)
        var cursor = last
        var quietSeconds = 0
        for await _ in ticks().cancelOnGracefulShutdown() {
            var hasMore = true
            while hasMore {
                let page =
                    if let cursor {
                        try reader.forward(name, from: cursor, count: 100, filter: LogFilter())
                    } else {
                        try reader.tail(name, count: 100, filter: LogFilter())
                    }
                for record in page.records {
                    try await writer.write(ServerEvent.data(record.entry.compactText, id: record.end.text))
                    quietSeconds = 0
                }
                cursor = page.cursor
                hasMore = page.hasMore
            }
            quietSeconds += 1
            if quietSeconds.isMultiple(of: 15) { try await writer.write(ServerEvent.heartbeat) }
        }
    }

    /// One element at once, then one a second.
    private func ticks() -> AsyncStream<Void> {
        let isFirst = FirstTick()
        let clock = clock
        return AsyncStream {
            if isFirst.take() { return }
            // The sleep fails only when the stream ends.
            return (try? await clock.sleep(for: .seconds(1))) == nil ? nil : ()
        }
    }
}
