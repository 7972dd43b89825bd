extension UnsafeBufferPointer<UInt8> {
    /// The place, from `start` on, of the first byte that is special in a JSON string: a quote, a backslash, a control
    /// character (DEL counts); the end when there is none.
    ///
    /// Eight bytes are looked at together: most of a document is text without any special byte.
    func endOfPlainText(from start: Int) -> Int {
        let bytes = UnsafeRawBufferPointer(self)
        var index = start
        while index + 8 <= count {
            let special = specialBytes(in: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            guard special == 0 else { return index + special.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < count, specialBytes(in: eightTimes(self[index])) == 0 { index += 1 }
        return index
    }
}

private func eightTimes(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

/// The highest bits of the special ones of eight bytes; what stands behind the first of them may be marked too.
///
/// A subtraction borrows from the highest bit of a byte that is less than what is subtracted: one under 0x20, or one that is
/// zero after the exclusive or with what is looked for. A borrow that reaches the next byte comes from such a byte, so that the
/// first mark is right.
private func specialBytes(in word: UInt64) -> UInt64 {
    // Borrows go from the first byte of the text to the next.
    let word = UInt64(littleEndian: word)
    let control = word &- eightTimes(0x20)
    let quote = (word ^ eightTimes(UInt8(ascii: "\""))) &- eightTimes(1)
    let backslash = (word ^ eightTimes(UInt8(ascii: "\\"))) &- eightTimes(1)
    let delete = (word ^ eightTimes(0x7F)) &- eightTimes(1)
    // Bytes outside ASCII have that bit of their own.
    return (control | quote | backslash | delete) & ~word & eightTimes(0x80)
}
