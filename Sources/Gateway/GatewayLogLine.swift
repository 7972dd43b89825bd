package import Domain

/// A line of `gateway-<date>.log`.
package struct GatewayLogLine: Hashable, Sendable {
    /// Importance, with the numbers of the log format.
    package enum Level: Int, Hashable, Sendable { case debug = 20, info = 30, warn = 40, error = 50 }

    package var level: Level
    package var message: String
    /// An object; never holds queries, headers, bodies or secrets.
    package var fields: JSONValue

    /// Collects the facts.
    package init(level: Level, message: String, fields: JSONValue) {
        self.level = level
        self.message = message
        self.fields = fields
    }
}
