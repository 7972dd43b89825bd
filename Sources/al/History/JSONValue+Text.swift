import Domain
import Foundation
import Terminal

extension LocalTime {
    /// An ISO time of the API on this machine's clock; `nil` when there is none.
    static func of(_ value: JSONValue?) -> String? { date(of: value).map(dateAndClock) }

    /// An ISO time of the API; `nil` when there is none.
    static func date(of value: JSONValue?) -> Date? {
        // The API sends ISO times or nothing; anything else shows as nothing.
        value?.stringValue.flatMap { Date(isoText: $0) }
    }
}

/// Figures of the API as tables show them.
enum Figure {
    /// `12,345`.
    static func count(_ value: JSONValue?) -> String {
        (value?.intValue ?? 0).formatted(.number.locale(.init(identifier: "en_US")))
    }

    /// `$0.0421`; a dash when it is not known.
    static func cost(_ value: JSONValue?) -> String {
        value?.doubleValue.map { "$" + String(format: "%.4f", $0) } ?? "—"
    }

    /// `1m20s`, below ten seconds `1.2s`; a dash when it is not known.
    static func duration(milliseconds value: JSONValue?) -> String {
        guard let milliseconds = value?.intValue else { return "—" }
        guard milliseconds >= 10_000 else { return String(format: "%.1fs", Double(milliseconds) / 1000) }
        return DurationText.of(seconds: (milliseconds + 500) / 1000)
    }
}
