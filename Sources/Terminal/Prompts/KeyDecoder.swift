/// Puts the bytes of a terminal together to keys.
///
/// Whatever comes, no more than a few bytes are kept, and a byte that cannot go on with what is kept begins anew.
package struct KeyDecoder: Sendable {
    /// No key of any terminal is longer.
    private static let longestSequence = 24

    private var pending: [UInt8] = []
    private var isPasting = false

    /// Nothing came yet.
    package init() {}

    /// Whether the bytes so far may be a key of their own or the beginning of another: wait a moment, then ``flush()``.
    package var isUndecided: Bool { !pending.isEmpty }

    /// Takes in a byte; returns the key that is complete with it.
    package mutating func take(_ byte: UInt8) -> Key? {
        if byte == 0x1B, !pending.isEmpty {
            // A key that never became whole; an Esc before another one is a key.
            let isEscape = pending == [0x1B]
            pending = [byte]
            return isEscape ? .escape : nil
        }
        pending.append(byte)
        guard pending[0] == 0x1B else { return takeCharacter() }
        guard pending.count > 1 else { return nil }
        guard pending[1] == UInt8(ascii: "[") || pending[1] == UInt8(ascii: "O") else { return takeAlternate() }
        guard pending.count > 2 else { return nil }
        return takeSequence(byte)
    }

    /// What the bytes mean when nothing follows them.
    package mutating func flush() -> Key? {
        defer { pending = [] }
        return pending == [0x1B] ? .escape : nil
    }

    /// Alt and a key: the key alone, but for Enter.
    private mutating func takeAlternate() -> Key? {
        pending.removeFirst()
        let key = takeCharacter()
        return key == .enter ? .newLine : key
    }

    private mutating func takeSequence(_ byte: UInt8) -> Key? {
        switch byte {
        case 0x40...0x7E:
            defer { pending = [] }
            let name = String(decoding: pending.dropFirst(2), as: UTF8.self)
            if name == "200~" || name == "201~" { isPasting = name == "200~" }
            return Self.sequences[name]
        case 0x20...0x3F where pending.count < Self.longestSequence: return nil
        default:
            // No sequence goes on like this.
            pending = []
            return nil
        }
    }

    private static let sequences: [String: Key] = [
        "A": .up, "B": .down, "C": .right, "D": .left, "H": .home, "F": .end, "1~": .home, "4~": .end, "7~": .home,
        "8~": .end, "3~": .delete, "5~": .pageUp, "6~": .pageDown, "Z": .up, "M": .enter, "13;2u": .newLine,
        "27;2;13~": .newLine, "13;3u": .newLine,
    ]

    private static let controls: [UInt8: Key] = [
        1: .home, 2: .left, 3: .interrupt, 4: .endOfInput, 5: .end, 6: .right, 8: .backspace, 9: .tab, 10: .enter,
        11: .deleteLine, 12: .redraw, 13: .enter, 14: .down, 16: .up, 21: .deleteLine, 23: .deleteWord, 127: .backspace,
    ]

    private mutating func takeCharacter() -> Key? {
        let first = pending[0]
        if first < 0x20 || first == 0x7F {
            pending = []
            return isPasting ? Self.pasted(first) : Self.controls[first]
        }
        guard let length = Self.length(of: first) else {
            pending = []
            return nil
        }
        if let last = pending.dropFirst().last, last & 0xC0 != 0x80 {
            // The character broke off; what came instead begins another.
            pending = [last]
            return takeCharacter()
        }
        guard pending.count >= length else { return nil }
        defer { pending = [] }
        return String(validating: pending, as: UTF8.self)?.first.map(Key.character)
    }

    /// In a paste a line's end sends nothing, and nothing else is a command.
    private static func pasted(_ control: UInt8) -> Key? {
        switch control {
        case 10, 13: .newLine
        case 9: .character("\t")
        default: nil
        }
    }

    /// Bytes of a character that begins so; `nil` when none does.
    private static func length(of first: UInt8) -> Int? {
        switch first {
        case ..<0x80: 1
        case 0xC2..<0xE0: 2
        case 0xE0..<0xF0: 3
        case 0xF0..<0xF5: 4
        default: nil
        }
    }
}
