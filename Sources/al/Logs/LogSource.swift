import Domain
import Foundation
import Gateway

/// Where log entries come from: the scheduler's gateway, or the files of the project.
enum LogSource: Sendable {
    case gateway(GatewayClient)
    case files(LogReader)

    /// Some entries, oldest first, and where to go on.
    struct Batch: Sendable {
        var entries: [JSONValue]
        /// Forward; `nil` when there is no file.
        var cursor: LogCursor?
        /// Backward; `nil` when nothing older is there.
        var back: LogCursor?
        /// More can be read at once.
        var hasMore: Bool
    }

    /// The last entries.
    func tail(_ query: LogQuery, count: Int) async throws -> Batch {
        switch self {
        case .gateway(let client): return try await Self.ask(client, query, count, "")
        case .files(let reader):
            let filter = try query.filter()
            return Batch(try reader.tail(query.name, on: query.date, count: count, where: filter.accepts))
        }
    }

    /// The entries before a place.
    func backward(_ query: LogQuery, from cursor: LogCursor, count: Int) async throws -> Batch {
        switch self {
        case .gateway(let client): return try await Self.ask(client, query, count, "&back_cursor=\(cursor.text)")
        case .files(let reader):
            let filter = try query.filter()
            return Batch(try reader.backward(query.name, from: cursor, count: count, where: filter.accepts))
        }
    }

    /// The entries behind a place.
    func forward(_ query: LogQuery, from cursor: LogCursor, count: Int) async throws -> Batch {
        switch self {
        case .gateway(let client): return try await Self.ask(client, query, count, "&cursor=\(cursor.text)")
        case .files(let reader):
            let filter = try query.filter()
            return Batch(try reader.forward(query.name, from: cursor, count: count, where: filter.accepts))
        }
    }

    private static func ask(_ client: GatewayClient, _ query: LogQuery, _ count: Int, _ place: String) async throws
        -> Batch
    {
        let answer = try await client.get("\(query.path)&lines=\(min(1000, count))\(place)")
        return Batch(
            entries: answer["entries"]?.arrayValue ?? [],
            cursor: answer["cursor"]?.stringValue.flatMap { LogCursor($0) },
            back: answer["backCursor"]?.stringValue.flatMap { LogCursor($0) },
            hasMore: answer["hasMore"]?.boolValue ?? false
        )
    }
}

extension LogSource.Batch {
    fileprivate init(_ page: LogReader.Page) {
        self.init(entries: page.records.map(\.entry), cursor: page.cursor, back: page.back, hasMore: page.hasMore)
    }
}

extension ProjectContext {
    /// The gateway if it answers; the files of a project on this machine if not, with or without lines that are no entries.
    ///
    /// - Throws: ``GatewayClientError`` for a project elsewhere.
    func logSource(keepingText: Bool = false) async throws -> LogSource {
        try await ask { client in
            _ = try await client.get("/control/instances")
            return .gateway(client)
        } offline: { _ in
            logFiles(keepingText: keepingText)
        }
    }

    /// The files of the project, with or without lines that are no entries.
    func logFiles(keepingText: Bool = false) -> LogSource {
        .files(LogReader(directory: logDirectory, keepingText: keepingText))
    }
}
