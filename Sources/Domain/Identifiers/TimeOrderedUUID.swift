/// Identifiers that sort by the time they were made (UUID version 7 of RFC 9562).
///
/// New rows then stand at the end of every index over them, instead of touching a page somewhere for each row.
package enum TimeOrderedUUID {
    /// The text of an identifier.
    ///
    /// - Parameters:
    ///   - milliseconds: since 1970; 48 bits of it.
    ///   - random: of which 74 bits are used.
    /// - Returns: 36 characters in lower case.
    package static func text(milliseconds: UInt64, random: (UInt64, UInt64)) -> String {
        let high = milliseconds << 16 | 0x7000 | random.0 & 0x0FFF
        let low = 0x8000_0000_0000_0000 | random.1 & 0x3FFF_FFFF_FFFF_FFFF
        let digits = Array((bytes(high) + bytes(low)).hexText.utf8)
        let groups = [digits[..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20...]]
        return String(decoding: Array(groups.joined(separator: "-".utf8)), as: UTF8.self)
    }

    private static func bytes(_ value: UInt64) -> [UInt8] {
        stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt64($0)) }
    }
}
