extension UnsafeBufferPointer<UInt8> {
    /// The text of a JSON string whose escapes have been checked (RFC 8259, section 7).
    ///
    /// Invalid UTF-8 is replaced by U+FFFD, a lone surrogate likewise.
    var unescapedText: String {
        var text: [UInt8] = []
        text.reserveCapacity(count)
        var position = 0
        while position < count {
            let start = position
            position = endOfPlainText(from: start)
            // Quotes and control characters do not stand in a string as they are, DEL does.
            while position < count, self[position] == 0x7F { position += 1 }
            text.append(contentsOf: self[start..<position])
            guard position < count, self[position] == UInt8(ascii: "\\") else { continue }
            text.append(contentsOf: String(unescaped(at: &position)).utf8)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The character that the escape at `position` stands for; moves behind it.
    private func unescaped(at position: inout Int) -> Unicode.Scalar {
        let letter = self[position + 1]
        position += 2
        switch letter {
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: return Unicode.Scalar(letter)
        }
        let first = codeUnit(at: position)
        position += 4
        guard (0xD800..<0xDC00).contains(first), position + 6 <= count, self[position] == UInt8(ascii: "\\"),
            self[position + 1] == UInt8(ascii: "u"), case let second = codeUnit(at: position + 2),
            (0xDC00..<0xE000).contains(second)
        else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
        position += 6
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
    }

    private func codeUnit(at position: Int) -> UInt32 {
        self[position..<position + 4].reduce(0) { $0 << 4 + UInt32($1.hexValue ?? 0) }
    }
}
