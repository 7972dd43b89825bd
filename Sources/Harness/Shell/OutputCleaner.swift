/// Takes escape sequences, control characters and overwritten line beginnings out of a stream of bytes.
///
/// Works on bytes, so that a character or sequence may arrive in pieces.
struct OutputCleaner {
    private enum State { case text, escape, control, command, commandEscape, carriageReturn }

    /// Clean bytes that nobody has taken yet.
    private(set) var pending: [UInt8] = []
    private var lineStart = 0
    private var state = State.text

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        var index = 0
        while index < bytes.count {
            if state == .text {
                let start = index
                while index < bytes.count, Self.isPlain(bytes[index]) { index += 1 }
                if index > start { pending += bytes[start..<index] }
                guard index < bytes.count else { return }
            }
            step(bytes[index])
            index += 1
        }
    }

    /// Goes on after the pending bytes were taken, all but these.
    mutating func restart(with rest: [UInt8]) {
        pending = rest
        lineStart = rest.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    }

    /// Invalid UTF-8 replaced, C1 control characters dropped.
    static func text(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.utf8.contains(0xC2), text.unicodeScalars.contains(where: isC1) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.filter { !isC1($0) }))
    }

    private static func isC1(_ scalar: Unicode.Scalar) -> Bool { (0x80...0x9F).contains(scalar.value) }

    private static func isPlain(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F || byte == 0x09 }

    private mutating func step(_ byte: UInt8) {
        switch state {
        case .text: text(byte)
        case .escape:
            switch byte {
            case UInt8(ascii: "["): state = .control
            case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "X"):
                state = .command
            // Intermediate bytes: the final byte is still to come.
            case 0x20...0x2F: break
            default: state = .text
            }
        case .control:
            if (0x40...0x7E).contains(byte) { state = .text }
            // A line break inside a sequence means that it was none.
            if byte == 0x0A { newline() }
        case .command:
            if byte == 0x07 { state = .text }
            if byte == 0x1B { state = .commandEscape }
            if byte == 0x0A { newline() }
        case .commandEscape: state = byte == UInt8(ascii: "\\") ? .text : .command
        case .carriageReturn:
            if byte == 0x0D { return }
            if byte != 0x0A { pending.removeSubrange(lineStart...) }
            state = .text
            text(byte)
        }
    }

    private mutating func text(_ byte: UInt8) {
        switch byte {
        case 0x1B: state = .escape
        case 0x0D: state = .carriageReturn
        case 0x0A: newline()
        case let byte where Self.isPlain(byte): pending.append(byte)
        default: break
        }
    }

    private mutating func newline() {
        state = .text
        pending.append(0x0A)
        lineStart = pending.count
    }
}
