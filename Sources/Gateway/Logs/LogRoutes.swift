import Domain
import Hummingbird

/// `/api/logs/*`.
struct LogRoutes {
    let reader: LogReader

    var all: [Route] {
        [
            Route(.get, "/api/logs/scheduler", plane: .operators) { try read("scheduler", $0, filter: LogFilter()) },
            Route(.get, "/api/logs/agents/:name", plane: .operators) { call in
                try read(try Self.agentName(call), call, filter: LogFilter())
            },
            Route(.get, "/api/logs/agents/:name/:instance", plane: .operators) { call in
                let name = try Self.agentName(call)
                let filter = LogFilter(instance: try Self.instance(call["instance"], of: name))
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
        let count = call.query("lines").flatMap { Int($0) }.flatMap { $0 > 0 ? min($0, 1000) : nil } ?? 50
        let page: LogReader.Page
        if let text = call.query("cursor"), !text.isEmpty {
            guard let cursor = LogCursor(text) else { throw Rejection(.badRequest, error: "Invalid cursor") }
            page = try reader.forward(name, from: cursor, count: count, filter: filter)
        } else {
            page = try reader.tail(name, count: count, filter: filter)
        }
        return .json([
            "entries": .array(page.records.map(\.entry)),
            "cursor": page.cursor.map { .string($0.text) } ?? .null,
            "hasMore": .bool(page.hasMore),
        ])
    }
}
