/// What a person pressed.
package enum Key: Hashable, Sendable {
    case character(Character)
    case enter, tab, backspace, delete, escape
    case up, down, left, right, home, end, pageUp, pageDown
    /// Ctrl+U and Ctrl+W.
    case deleteLine, deleteWord
    /// Ctrl+C.
    case interrupt
    /// Ctrl+D, or the terminal is gone.
    case endOfInput
}

/// Puts the bytes of a terminal together to keys.
package struct KeyDecoder: Sendable {
    private var pending: [UInt8] = []

    /// Nothing came yet.
    package init() {}

    /// Whether the bytes so far may be a key of their own or the beginning of another: wait a moment, then ``flush()``.
    package var isUndecided: Bool { !pending.isEmpty }

    /// Takes in a byte; returns the key that is complete with it.
    package mutating func take(_ byte: UInt8) -> Key? {
        pending.append(byte)
        guard pending[0] == 0x1B else { return takeCharacter() }
        guard pending.count > 1 else { return nil }
        // Alt and a key: the key alone.
        guard pending[1] == UInt8(ascii: "[") || pending[1] == UInt8(ascii: "O") else {
            pending.removeFirst()
            return takeCharacter()
        }
        guard pending.count > 2, (0x40...0x7E).contains(byte) else { return nil }
        defer { pending = [] }
        return Self.sequences[String(decoding: pending.dropFirst(2), as: UTF8.self)]
    }

    /// What the bytes mean when nothing follows them.
    package mutating func flush() -> Key? {
        defer { pending = [] }
        return pending == [0x1B] ? .escape : nil
    }

    private static let sequences: [String: Key] = [
        "A": .up, "B": .down, "C": .right, "D": .left, "H": .home, "F": .end, "1~": .home, "4~": .end, "7~": .home,
        "8~": .end, "3~": .delete, "5~": .pageUp, "6~": .pageDown, "Z": .up,
    ]

    private static let controls: [UInt8: Key] = [
        1: .home, 2: .left, 3: .interrupt, 4: .endOfInput, 5: .end, 6: .right, 8: .backspace, 9: .tab, 10: .enter,
        11: .deleteLine, 13: .enter, 14: .down, 16: .up, 21: .deleteLine, 23: .deleteWord, 127: .backspace,
    ]

    private mutating func takeCharacter() -> Key? {
        let first = pending[0]
        if first < 0x20 || first == 0x7F {
            pending = []
            return Self.controls[first]
        }
        let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        guard pending.count >= length else { return nil }
        defer { pending = [] }
        return String(validating: pending, as: UTF8.self)?.first.map(Key.character)
    }
}
