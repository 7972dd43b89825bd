import Domain
import Foundation
import Gateway

/// Which entries of which log are wanted.
struct LogQuery: Sendable {
    /// Of an agent, `scheduler` or `gateway`.
    var name: String
    /// A whole instance id.
    var instance: String?
    /// Only this UTC day, `YYYY-MM-DD`.
    var date: String?
    /// Not before this time.
    var since: Date?
    /// Lowest level, as the number in the entries.
    var level: Int?
    var grep: String?

    /// Everything of one log.
    init(name: String) { self.name = name }

    /// For a reader of files.
    ///
    /// - Throws: ``GrepPattern/Failure``.
    func filter() throws -> LogFilter {
        var filter = LogFilter()
        filter.instance = instance
        filter.level = level
        filter.after = since.map { $0.epochMilliseconds - 1 }
        filter.grep = try grep.map { try GrepPattern($0) }
        return filter
    }

    /// For the log API, with its parameters but `lines`, `cursor` and `back_cursor`.
    var path: String {
        var path = "/api/logs/\(name)"
        if name != "scheduler", name != "gateway" {
            path = "/api/logs/agents/\(name.percentEncoded)" + (instance.map { "/\($0.percentEncoded)" } ?? "")
        }
        var items: [String] = []
        if let since { items.append("after=\(since.epochMilliseconds - 1)") }
        if let level { items.append("level=\(level)") }
        if let grep { items.append("grep=\(grep.percentEncoded)") }
        if let date { items.append("date=\(date)") }
        return path + "?" + items.joined(separator: "&")
    }
}
