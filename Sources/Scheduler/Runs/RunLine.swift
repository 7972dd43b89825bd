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

    init(_ line: OutputLine) {
        guard line.stream == .standardOutput else {
            self = .standardError(line.text)
            return
        }
        // Most output of scripts is not JSON: a line that does not parse is plain output by definition.
        guard line.text.hasPrefix("{"), let json = try? JSONValue(parsing: line.text), json["_log"]?.boolValue == true,
            var fields = json.objectValue
        else {
            self = .output(line.text)
            return
        }
        let time = json["ts"]?.doubleValue.map { Date(timeIntervalSince1970: $0 / 1000) }
        for key in ["_log", "level", "msg", "ts"] { fields[key] = nil }
        self = .log(
            level: LogLevel(word: json["level"]?.stringValue),
            time: time,
            message: json["msg"]?.stringValue ?? "",
            fields: fields
        )
    }
}
