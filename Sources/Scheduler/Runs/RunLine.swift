import Domain
import FoundationEssentials
import OrderedCollections
import Runtimes

/// One line of a run's output, understood.
enum RunLine: Hashable {
    /// A JSON line with `_log: true`.
    case log(level: LogLevel, time: Date?, message: String, fields: OrderedDictionary<String, JSONValue>)
    /// Anything else on standard output.
    case output(String)
    case standardError(String)

    /// Understands a line.
    init(_ line: OutputLine) {
        switch line.stream {
        case .standardOutput: self = Self.log(line.text) ?? .output(line.text)
        case .standardError: self = .standardError(line.text)
        }
    }

    private static func log(_ text: String) -> RunLine? {
        // Most output of scripts is not JSON: a line that does not parse is plain output by definition.
        guard text.hasPrefix("{"), let json = try? JSONValue(parsing: text.utf8), json["_log"]?.boolValue == true,
            var fields = json.objectValue
        else { return nil }
        let time = json["ts"]?.doubleValue.flatMap { Date(epochMilliseconds: $0) }
        for key in ["_log", "level", "msg", "ts"] { fields[key] = nil }
        return .log(
            level: LogLevel(word: json["level"]?.stringValue),
            time: time,
            message: json["msg"]?.stringValue ?? "",
            fields: fields
        )
    }
}
