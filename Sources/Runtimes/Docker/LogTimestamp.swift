import FoundationEssentials

/// The time stamp before each line of an engine's log: the position from which reading can go on.
struct LogTimestamp: Hashable, Comparable, Sendable {
    /// Since 1970, UTC.
    var seconds: Int
    var nanoseconds: Int

    static func < (left: LogTimestamp, right: LogTimestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    /// `<seconds>.<nine digits>`, the form of the engine's `since`.
    var position: String {
        let digits = String(nanoseconds)
        return "\(seconds)." + String(repeating: "0", count: 9 - digits.count) + digits
    }

    var date: Date { Date(timeIntervalSince1970: Double(seconds) + Double(nanoseconds) / 1e9) }

    init(seconds: Int, nanoseconds: Int) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// Reads ``position``; `nil` for anything else.
    init?(position: String) {
        let parts = position.split(separator: ".")
        guard parts.count == 2, let seconds = Int(parts[0]), let nanoseconds = Int(parts[1]), parts[1].count == 9 else {
            return nil
        }
        self.init(seconds: seconds, nanoseconds: nanoseconds)
    }

    /// Reads RFC 3339 with up to nine digits of a second and any offset (Podman writes the local one).
    init?(rfc3339 text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[4] == 0x2d, bytes[7] == 0x2d, bytes[10] == 0x54,
            let year = Self.number(bytes, 0, 4), let month = Self.number(bytes, 5, 2),
            let day = Self.number(bytes, 8, 2),
            let hour = Self.number(bytes, 11, 2), let minute = Self.number(bytes, 14, 2),
            let second = Self.number(bytes, 17, 2), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        var index = 19
        var fraction = 0
        if bytes[index] == UInt8(ascii: ".") {
            index += 1
            var digits = 0
            while index < bytes.count, let digit = Self.number(bytes, index, 1) {
                if digits < 9 { fraction = fraction * 10 + digit }
                digits += 1
                index += 1
            }
            for _ in min(digits, 9)..<9 { fraction *= 10 }
        }
        guard let offset = Self.offset(Array(bytes[index...])) else { return nil }
        let days = Self.days(year: year, month: month, day: day)
        seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
        nanoseconds = fraction
    }

    private static func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> Int? {
        guard start + count <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[start..<start + count] {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }

    private static func offset(_ zone: [UInt8]) -> Int? {
        if zone == [UInt8(ascii: "Z")] { return 0 }
        guard zone.count == 6, zone[0] == UInt8(ascii: "+") || zone[0] == UInt8(ascii: "-"),
            let hours = number(zone, 1, 2), let minutes = number(zone, 4, 2)
        else { return nil }
        return (zone[0] == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60)
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar, with years that begin in March.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }
}
