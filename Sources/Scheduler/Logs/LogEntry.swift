package import Domain
package import FoundationEssentials
package import OrderedCollections

/// Severity of a line in a log file; the raw value stands in the file.
package enum LogLevel: Int, Comparable, Hashable, Sendable {
    case trace = 10
    case debug = 20
    case info = 30
    case warning = 40
    case error = 50
    case fatal = 60

    /// Reads the word a run uses; anything unknown is info.
    package init(word: String?) {
        switch word {
        case "trace": self = .trace
        case "debug": self = .debug
        case "warn", "warning": self = .warning
        case "error": self = .error
        case "fatal": self = .fatal
        default: self = .info
        }
    }

    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }
}

/// One line of a log file before process and host are added.
package struct LogEntry: Hashable, Sendable {
    package var level: LogLevel
    package var time: Date
    /// Agent, `scheduler` or `gateway`; also the first part of the file's name.
    package var name: String
    package var instance: InstanceID?
    package var fields: OrderedDictionary<String, JSONValue>
    package var message: String

    /// Collects the facts.
    package init(
        level: LogLevel,
        time: Date,
        name: String,
        instance: InstanceID? = nil,
        fields: OrderedDictionary<String, JSONValue> = [:],
        message: String
    ) {
        self.level = level
        self.time = time
        self.name = name
        self.instance = instance
        self.fields = fields
        self.message = message
    }

    /// Keys that stand in every line, whatever its fields.
    private static let fixedKeys = ["level", "time", "pid", "hostname", "name", "msg"]

    /// The line as JSON; fields that would hide a fixed key are left out.
    package func json(process: Int32, host: String) -> String {
        var members: [(key: String, value: JSONValue)] = [
            ("level", .int(level.rawValue)),
            ("time", .int(time.epochMilliseconds)),
            ("pid", .int(Int(process))),
            ("hostname", .string(host)),
            ("name", .string(name)),
        ]
        members.reserveCapacity(members.count + fields.count + 2)
        if let instance { members.append(("instance", .string(instance.rawValue))) }
        members += fields.elements.lazy.filter { field in
            !Self.fixedKeys.contains(field.key) && (instance == nil || field.key != "instance")
        }
        members.append(("msg", .string(message)))
        return JSONValue.compactText(of: members)
    }
}

/// Where the lines of runs go.
package protocol LogSink: Sendable {
    /// Appends a line to the file of its name and of today.
    func write(_ entry: LogEntry)
    /// Appends a line to the transcript of a run.
    func appendTranscript(_ line: String, of instance: InstanceID)
}
