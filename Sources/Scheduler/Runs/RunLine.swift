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

    /// What a line says; mostly one thing.
    ///
    /// The run's own lines come behind whatever its commands printed, and a script may print a last line without its end: only
    /// the line that follows a script's end is looked for there.
    static func all(in line: OutputLine) -> [RunLine] {
        guard line.stream == .standardOutput else { return [.standardError(line.text)] }
        if let log = log(line.text[...]) { return [log] }
        if let start = line.text.utf8.firstRange(of: #"{"_log":true,"#.utf8)?.lowerBound,
            let log = log(line.text[start...]), case .log(_, _, "token-usage", _) = log
        {
            return [.output(String(line.text[..<start])), log]
        }
        return [.output(line.text)]
    }

    private static func log(_ text: Substring) -> RunLine? {
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
