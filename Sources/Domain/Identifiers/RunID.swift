/// The identity of one run: eight lower-case hexadecimal digits, new for every run, also for each rerun.
package struct RunID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The eight digits.
    package let rawValue: String

    /// Reads an id; `nil` unless it is exactly eight lower-case hexadecimal digits.
    package init?(_ text: String) {
        let digits = text.utf8
        guard digits.count == 8, digits.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) else {
            return nil
        }
        rawValue = text
    }

    /// Makes an id of 32 random bits.
    package init(bits: UInt32) {
        let digits = String(bits, radix: 16)
        rawValue = String(repeating: "0", count: 8 - digits.count) + digits
    }

    package var description: String { rawValue }

    package static func < (left: RunID, right: RunID) -> Bool { left.rawValue < right.rawValue }
}
