import Foundation

/// A place in the files of one log: a day and a byte.
package struct LogCursor: Hashable, Sendable {
    /// `YYYY-MM-DD`, UTC.
    package let date: String
    package let offset: UInt64

    init(date: String, offset: UInt64) {
        self.date = date
        self.offset = offset
    }

    /// The beginning of a day; without one, a place before the first line of any file.
    ///
    /// For who found no file and must not lose what comes first.
    package init(startOf date: String?) { self.init(date: date ?? "0000-00-00", offset: 0) }

    /// Reads the base64url text, `nil` for anything else.
    ///
    /// Of a list of offsets the first counts.
    package init?(_ text: String) {
        var base64 = text.replacing("-", with: "+").replacing("_", with: "/")
        while !base64.count.isMultiple(of: 4) { base64 += "=" }
        guard let data = Data(base64Encoded: base64) else { return nil }
        let parts = String(decoding: data, as: UTF8.self).split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, Self.isDate(parts[0]),
            let first = parts[1].split(separator: ",", omittingEmptySubsequences: false).first,
            let offset = UInt64(first), offset <= UInt64(Int64.max)
        else { return nil }
        self.init(date: String(parts[0]), offset: offset)
    }

    /// The opaque text for clients.
    package var text: String {
        Data("\(date):\(offset)".utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }

    /// Whether a text names a day of the calendar: `2026-02-30` does not.
    package static func isDay(_ text: String) -> Bool {
        // What the calendar does not have comes back as an error or as another day.
        let day = try? Date(text, strategy: .iso8601.year().month().day())
        return isDate(text) && day?.formatted(.iso8601.year().month().day()) == text
    }

    /// Whether a text has the form of a day.
    package static func isDate(_ text: some StringProtocol) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.count == 10
            && bytes.enumerated().allSatisfy { index, byte in
                index == 4 || index == 7 ? byte == UInt8(ascii: "-") : (0x30...0x39).contains(byte)
            }
    }
}
