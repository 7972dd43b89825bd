import Domain
import Foundation
import Gateway

/// Finds the last entries of a log that a view shows.
struct LogEnd {
    private static let pageSize = 500

    let source: LogSource
    let query: LogQuery

    /// The last `count` visible entries, oldest first, and the place behind the last entry of all.
    ///
    /// Goes back page by page, into older days too unless one day is asked for, until there are enough.
    func read(_ count: Int, where isVisible: (JSONValue) -> Bool) async throws -> (
        entries: [JSONValue], end: LogCursor?
    ) {
        var batch = try await source.tail(query, count: max(count, Self.pageSize))
        let end = batch.cursor
        var found = batch.entries.filter(isVisible)
        while found.count < count, let place = batch.back, isWanted(place) {
            batch = try await source.backward(query, from: place, count: Self.pageSize)
            found = batch.entries.filter(isVisible) + found
        }
        return (Array(found.suffix(count)), end)
    }

    /// Whether entries before a place can be wanted.
    private func isWanted(_ place: LogCursor) -> Bool {
        if let date = query.date { return place.date == date }
        guard let since = query.since else { return true }
        return place.date >= since.formatted(.iso8601.year().month().day())
    }
}
