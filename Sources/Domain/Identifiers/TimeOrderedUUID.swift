/// Identifiers that sort by the time they were made (UUID version 7 of RFC 9562).
///
/// New rows then stand at the end of every index over them, instead of touching a page somewhere for each row.
package enum TimeOrderedUUID {
    /// The text of an identifier.
    ///
    /// - Parameters:
    ///   - milliseconds: since 1970; the twelve bits behind the whole ones are 4096ths of one (RFC 9562, section 6.2, method 3).
    ///   - random: of which 62 bits are used.
    /// - Returns: 36 characters in lower case.
    package static func text(milliseconds: Double, random: UInt64) -> String {
        let time = UInt64(milliseconds * 4096)
        let high = (time >> 12) << 16 | 0x7000 | time & 0x0FFF
        let low = 0x8000_0000_0000_0000 | random & 0x3FFF_FFFF_FFFF_FFFF
        return String(unsafeUninitializedCapacity: 36) { text in
            var place = 0
            for digit in 0..<32 {
                if [8, 12, 16, 20].contains(digit) {
                    text[place] = UInt8(ascii: "-")
                    place += 1
                }
                let half = digit < 16 ? high : low
                text[place] = hexDigit(UInt8(truncatingIfNeeded: half >> UInt64(60 - 4 * (digit % 16))) & 15)
                place += 1
            }
            return place
        }
    }
}
