import Domain
import Gateway

/// Reads on from where it stopped, without losing or repeating an entry.
struct LogFollower {
    private static let pageSize = 500

    private var source: LogSource
    private let query: LogQuery
    private var cursor: LogCursor?

    /// Begins at a place; without one, with whatever the log holds.
    init(source: LogSource, query: LogQuery, from cursor: LogCursor? = nil) {
        self.source = source
        self.query = query
        self.cursor = cursor
    }

    /// Goes on with the files of the project, whose places are those of its gateway.
    mutating func readFiles(_ files: LogSource) { source = files }

    /// The entries that were written since the last call.
    mutating func next() async throws -> [JSONValue] {
        var entries: [JSONValue] = []
        if cursor == nil {
            let batch = try await source.tail(query, count: 1000)
            // While there is no file, all of the first one is new.
            cursor = batch.cursor ?? LogCursor(startOf: query.date)
            entries = batch.entries
        }
        while let place = cursor {
            let batch = try await source.forward(query, from: place, count: Self.pageSize)
            entries += batch.entries
            cursor = batch.cursor ?? place
            guard batch.hasMore else { break }
        }
        return entries
    }
}
