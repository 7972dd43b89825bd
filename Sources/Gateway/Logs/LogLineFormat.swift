import Domain
import OrderedCollections

/// Lines of log files as entries.
enum LogLineFormat {
    static let levels: [String: Int] = ["trace": 10, "debug": 20, "info": 30, "warn": 40, "error": 50, "fatal": 60]

    /// Parses a line; the form that runs print becomes that of the host.
    ///
    /// `nil` for anything that is no JSON object.
    static func parse(_ line: some Collection<UInt8>) -> JSONValue? {
        // Lines that are no entries are left out by contract.
        guard let value = try? JSONValue(parsing: line), case .object(var members) = value else { return nil }
        if let level = members["level"]?.stringValue, let number = levels[level] { members["level"] = .int(number) }
        if let time = members["ts"], members["time"] == nil { members["time"] = time }
        members["ts"] = nil
        members["_log"] = nil
        return .object(members)
    }
}
