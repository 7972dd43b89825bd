import Foundation

/// The time zone of this process: the one that `TZ` names, else the system's.
struct ProcessZone {
    let zone: TimeZone
    /// What to tell people when `TZ` names no zone; schedules then count in UTC.
    let warning: String?

    /// The zone of this very process.
    static var current: ProcessZone { ProcessZone(ProcessInfo.processInfo.environment) }

    /// Reads the variables of a process.
    ///
    /// Besides a name `TZ` may hold `:name` or the path of a zone's file. A rule such as `CET-1CEST` names no zone.
    init(_ variables: [String: String]) {
        guard let text = variables["TZ"], !text.isEmpty else {
            zone = .current
            warning = nil
            return
        }
        let named = Self.name(in: text).flatMap(TimeZone.init(identifier:))
        // Of `GMT+2` this would make two hours east; to everything else on the system it is a rule, and two hours west.
        let isRule = named.map { $0.identifier.hasPrefix("GMT") && $0.secondsFromGMT() != 0 } ?? true
        zone = isRule ? .gmt : named ?? .gmt
        warning =
            isRule
            ? "TZ is \"\(text)\", which names no time zone: schedules without a timezone of their own count in UTC. "
                + "Write a name like Europe/Berlin."
            : nil
    }

    private static func name(in text: String) -> String? {
        let text = text.hasPrefix(":") ? String(text.dropFirst()) : text
        guard text.hasPrefix("/") else { return text }
        let file = URL(fileURLWithPath: text).resolvingSymlinksInPath().path
        return file.firstRange(of: "/zoneinfo/").map { String(file[$0.upperBound...]) }
    }
}
