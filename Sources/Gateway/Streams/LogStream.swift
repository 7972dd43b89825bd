import Domain
import Hummingbird

/// Server-sent events with the entries of an agent's log.
struct LogStream {
    /// Seconds without an entry after which a heartbeat is sent.
    static let heartbeat = 15
    private static let pageSize = 100

    let reader: LogReader
    let clock: any Clock<Duration>

    var all: [Route] {
        [
            Route(.get, "/dashboard/api/logs/:name/stream", plane: .operators) { call in
                let name = try LogRoutes.agentName(call)
                let last = call.lastEventID.flatMap { LogCursor($0) }
                return call.events { try await follow(name, after: last, $0) }
            }
        ]
    }

    /// Begins with the last 100 entries, or behind the one the client had last.
    private func follow(_ name: String, after last: LogCursor?, _ backlog: EventBacklog) async throws {
        var cursor = last
        var quiet = 0
        for await _ in EverySecond(clock: clock) {
            var hasMore = true
            while hasMore {
                let page =
                    if let cursor {
                        try reader.forward(name, from: cursor, count: Self.pageSize) { _ in true }
                    } else {
                        try reader.tail(name, count: Self.pageSize) { _ in true }
                    }
                for record in page.records {
                    try await backlog.offerInTurn(ServerEvent.data(record.entry.compactText, id: record.end.text))
                    quiet = 0
                }
                // While there is no file, all of the first one is new.
                cursor = page.cursor ?? LogCursor(startOf: nil)
                hasMore = page.hasMore
            }
            quiet += 1
            if quiet.isMultiple(of: Self.heartbeat) { try backlog.offer(ServerEvent.heartbeat) }
        }
    }
}
