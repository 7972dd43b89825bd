import Foundation

/// A text with CRLF folded to LF, and the way back to the original bytes.
struct FoldedText {
    private(set) var bytes: [UInt8] = []
    /// For each folded byte and for the end: the offset in the original.
    private var offsets: [Int] = []
    /// Line ending of the first line; LF when there is only one line.
    private(set) var firstEnding: [UInt8] = [0x0A]

    init(_ original: [UInt8], from start: Int) {
        bytes.reserveCapacity(original.count)
        offsets.reserveCapacity(original.count + 1)
        var index = start
        var sawEnding = false
        while index < original.count {
            let isPair = original[index] == 0x0D && index + 1 < original.count && original[index + 1] == 0x0A
            let byte = isPair ? 0x0A : original[index]
            if byte == 0x0A, !sawEnding {
                sawEnding = true
                firstEnding = isPair ? [0x0D, 0x0A] : [0x0A]
            }
            bytes.append(byte)
            offsets.append(index)
            index += isPair ? 2 : 1
        }
        offsets.append(original.count)
    }

    /// The original bytes behind a folded range.
    func origin(_ range: Range<Int>) -> Range<Int> { offsets[range.lowerBound]..<offsets[range.upperBound] }

    /// Number of the line, from 1, that holds a folded offset.
    func line(at offset: Int) -> Int { bytes[..<offset].reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) } }
}

/// A text as a sloppy reader sees it: compatibility forms, typographic quotes, dashes and blanks made plain, blanks at the ends
/// of lines dropped; with the way back.
struct LooseText {
    private(set) var bytes: [UInt8] = []
    private var origins: [Range<Int>] = []

    init(_ text: [UInt8]) {
        var offset = 0
        var blanks: [(byte: UInt8, origin: Range<Int>)] = []
        for character in String(decoding: text, as: UTF8.self) {
            let origin = offset..<(offset + character.utf8.count)
            offset = origin.upperBound
            for byte in Self.plain(character).utf8 {
                switch byte {
                case 0x20, 0x09: blanks.append((byte, origin))
                default:
                    if byte != 0x0A {
                        bytes += blanks.map(\.byte)
                        origins += blanks.map(\.origin)
                    }
                    blanks = []
                    bytes.append(byte)
                    origins.append(origin)
                }
            }
        }
    }

    /// The bytes behind a loose range that is not empty.
    func origin(_ range: Range<Int>) -> Range<Int> {
        origins[range.lowerBound].lowerBound..<origins[range.upperBound - 1].upperBound
    }

    private static func plain(_ character: Character) -> String {
        if let ascii = character.asciiValue, character != "\r\n" { return String(UnicodeScalar(ascii)) }
        let scalars = String(character).precomposedStringWithCompatibilityMapping.unicodeScalars.map {
            (scalar: Unicode.Scalar) -> Unicode.Scalar in
            switch scalar.value {
            case 0x2018...0x201B: return "'"
            case 0x201C...0x201F: return "\""
            case 0x2010...0x2015, 0x2212: return "-"
            case 0xA0, 0x2002...0x200A, 0x202F, 0x205F, 0x3000: return " "
            default: return scalar
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
