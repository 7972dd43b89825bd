import Domain
package import FoundationEssentials
package import Logging
import OrderedCollections

/// Sends the lines of a swift-log logger to a log file.
package struct FileLogHandler: LogHandler {
    package var logLevel: Logger.Level = .debug
    package var metadata: Logger.Metadata = [:]
    private let name: String
    private let sink: any LogSink
    private let now: @Sendable () -> Date

    /// A handler for the file of this name.
    ///
    /// - Parameters:
    ///   - name: `scheduler` or `gateway`.
    ///   - sink: who writes the lines.
    ///   - now: the wall clock.
    package init(name: String, sink: any LogSink, now: @escaping @Sendable () -> Date) {
        self.name = name
        self.sink = sink
        self.now = now
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        // A logger without metadata of its own, as most are, costs no copy.
        let all = metadata.isEmpty ? event.metadata ?? [:] : metadata.merging(event.metadata ?? [:]) { $1 }
        var fields = Self.members(of: all)
        if let error = event.error {
            fields["err"] = ["type": .string("\(type(of: error))"), "message": .string("\(error)")]
        }
        sink.write(
            LogEntry(
                level: Self.level(of: event.level),
                time: now(),
                name: name,
                fields: fields,
                message: event.message.description
            )
        )
    }

    /// Numbers and booleans stand in the file as such: swift-log only knows text.
    private static func json(of value: Logger.Metadata.Value) -> JSONValue {
        switch value {
        case .string(let text): .string(text)
        case .stringConvertible(let number as Int): .int(number)
        case .stringConvertible(let number as Double): .double(number)
        case .stringConvertible(let flag as Bool): .bool(flag)
        case .stringConvertible(let other): .string(other.description)
        case .array(let values): .array(values.map(json))
        case .dictionary(let members): .object(Self.members(of: members))
        }
    }

    private static func members(of metadata: Logger.Metadata) -> OrderedDictionary<String, JSONValue> {
        let pairs = metadata.sorted { $0.key < $1.key }.map { ($0.key, json(of: $0.value)) }
        return OrderedDictionary(uniqueKeysWithValues: pairs)
    }

    private static func level(of level: Logger.Level) -> LogLevel {
        switch level {
        case .trace: .trace
        case .debug: .debug
        case .info, .notice: .info
        case .warning: .warning
        case .error: .error
        case .critical: .fatal
        }
    }
}
