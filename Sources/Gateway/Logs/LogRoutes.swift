import Domain
import Hummingbird

/// `/api/logs/*`.
struct LogRoutes {
    /// After how long a pattern that is still busy, then with a single entry, is refused.
    private static let patternLimit = Duration.seconds(1)
    /// After how long a search ends before its next entry, so that nobody else waits for it; who asks goes on from there.
    private static let patience = Duration.milliseconds(500)

    let reader: LogReader
    let clock: any Clock<Duration>

    var all: [Route] {
        [
            Route(.get, "/api/logs/scheduler", plane: .operators) { try read("scheduler", $0, filter: LogFilter()) },
            Route(.get, "/api/logs/gateway", plane: .operators) { try read("gateway", $0, filter: LogFilter()) },
            Route(.get, "/api/logs/agents/:name", plane: .operators) { call in
                try read(try Self.agentName(call), call, filter: LogFilter())
            },
            Route(.get, "/api/logs/agents/:name/:instance", plane: .operators) { call in
                let name = try Self.agentName(call)
                var filter = LogFilter()
                filter.instance = try Self.instance(call["instance"], of: name)
                return try read(name, call, filter: filter)
            },
        ]
    }

    /// The agent of the path, fit to be part of a file name.
    ///
    /// - Throws: ``Rejection`` 400.
    static func agentName(_ call: GatewayRequest) throws -> String {
        let name = call["name"]
        guard name.wholeMatch(of: /[a-z0-9]([a-z0-9-]*[a-z0-9])?/) != nil, name.utf8.count <= 128 else {
            throw Rejection(.badRequest, error: "Invalid agent name")
        }
        return name
    }

    private static func instance(_ text: String, of name: String) throws -> String {
        let suffix = text.hasPrefix(name + "-") ? String(text.dropFirst(name.count + 1)) : text
        guard suffix.wholeMatch(of: /[a-z0-9]+/) != nil else {
            throw Rejection(.badRequest, error: "Invalid instance ID")
        }
        return "\(name)-\(suffix)"
    }

    private func read(_ name: String, _ call: GatewayRequest, filter: LogFilter) throws -> Response {
        var filter = filter
        filter.after = call.query("after").flatMap { Int($0) }
        filter.before = call.query("before").flatMap { Int($0) }
        filter.level = call.query("level").flatMap { Int($0) ?? LogFilter.level(named: $0) }
        let isOverdue = clock.deadline(in: Self.patternLimit)
        do {
            filter.grep = try call.query("grep").map { try GrepPattern($0, isOverdue: isOverdue) }
            return .json(try page(of: name, call, where: filter.accepts).json)
        } catch GrepPattern.Failure.invalid {
            throw Rejection(.badRequest, error: "Invalid grep pattern")
        } catch GrepPattern.Failure.tooSlow {
            throw Rejection(
                .badRequest,
                error: "grep took longer than 1 s on one entry: use a simpler pattern"
            )
        }
    }

    private func page(
        of name: String,
        _ call: GatewayRequest,
        where filter: LogReader.Filter
    ) throws -> LogReader.Page {
        var reader = reader
        if call.query("grep") != nil { reader = reader.ending(when: clock.deadline(in: Self.patience)) }
        let count = call.query("lines").flatMap { Int($0) }.flatMap { $0 > 0 ? min($0, 1000) : nil } ?? 50
        let from = try day("from", of: call).map { LogCursor(startOf: $0) }
        if let cursor = try cursor("cursor", of: call) ?? from {
            return try reader.forward(name, from: cursor, to: day("to", of: call), count: count, where: filter)
        }
        if let cursor = try cursor("back_cursor", of: call) {
            return try reader.backward(name, from: cursor, count: count, where: filter)
        }
        return try reader.tail(name, on: day("date", of: call), count: count, where: filter)
    }

    private func day(_ parameter: String, of call: GatewayRequest) throws -> String? {
        let day = call.query(parameter)
        guard day.map(LogCursor.isDay) ?? true else { throw Rejection(.badRequest, error: "Invalid \(parameter)") }
        return day
    }

    private func cursor(_ parameter: String, of call: GatewayRequest) throws -> LogCursor? {
        guard let text = call.query(parameter), !text.isEmpty else { return nil }
        guard let cursor = LogCursor(text) else { throw Rejection(.badRequest, error: "Invalid cursor") }
        return cursor
    }
}

extension LogReader.Page {
    /// The page as the log API gives it out.
    fileprivate var json: JSONValue {
        .object([
            "entries": .array(records.map(\.entry)),
            "cursor": cursor.map { .string($0.text) } ?? .null,
            "hasMore": .bool(hasMore),
            "backCursor": back.map { .string($0.text) },
        ])
    }
}
