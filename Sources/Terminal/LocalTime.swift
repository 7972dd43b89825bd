package import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Times as people on this machine read them.
package enum LocalTime {
    /// `HH:MM:SS`, local zone, 24 hours.
    package static func clock(_ date: Date) -> String {
        let parts = components(of: date)
        return [parts.tm_hour, parts.tm_min, parts.tm_sec].map(twoDigits).joined(separator: ":")
    }

    /// `YYYY-MM-DD HH:MM:SS`, local zone.
    package static func dateAndClock(_ date: Date) -> String {
        let parts = components(of: date)
        return "\(parts.tm_year + 1900)-\(twoDigits(parts.tm_mon + 1))-\(twoDigits(parts.tm_mday)) \(clock(date))"
    }

    private static func components(of date: Date) -> tm {
        var time = time_t(date.timeIntervalSince1970.rounded(.down))
        var parts = tm()
        localtime_r(&time, &parts)
        return parts
    }

    private static func twoDigits(_ number: Int32) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
