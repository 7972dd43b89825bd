/// The beginning and the end of a text of any length.
struct BoundedText {
    private static let newline: UInt8 = 0x0A

    /// Everything, until the limits are passed; then at least what the beginning shows.
    private(set) var head: [UInt8] = []
    private var headLines = 0
    private var tail: [UInt8] = []
    private var totalLines = 0
    private var totalBytes = 0
    private var lastByte = newline
    private var isOverflown = false

    /// Whether the text would pass the limits with these bytes added.
    func wouldOverflow(_ bytes: ArraySlice<UInt8>) -> Bool {
        isOverflown || head.count + bytes.count > ToolLimits.bytes
            || headLines + Self.lines(bytes) > ToolLimits.lines
    }

    mutating func append(_ bytes: ArraySlice<UInt8>) {
        guard let last = bytes.last else { return }
        let lines = Self.lines(bytes)
        if !isOverflown, wouldOverflow(bytes) {
            isOverflown = true
            tail = head
            let room = 2 * ToolLimits.headBytes
            if head.count < room { head += bytes.prefix(room - head.count) }
        }
        if isOverflown {
            tail += bytes
            if tail.count > 4 * ToolLimits.tailBytes { tail.removeFirst(tail.count - 2 * ToolLimits.tailBytes) }
        } else {
            head += bytes
            headLines += lines
        }
        totalLines += lines
        totalBytes += bytes.count
        lastByte = last
    }

    /// The whole text, or its two ends around a line that says what is missing; without final line breaks.
    func text(file: String?, skippedLines: Int, skippedBytes: Int) -> String {
        guard isOverflown else { return String(decoding: Self.trimmed(head[...]), as: UTF8.self) }
        let lines = totalLines + skippedLines + (lastByte == Self.newline ? 0 : 1)
        let start = Self.firstLines(head)
        let end = Self.lastLines(Self.trimmed(tail[...]))
        let shown = Self.lines(start) + Self.lines(end) + 1
        let size = ToolLimits.sizeText(totalBytes + skippedBytes)
        var mark = "… \(lines) lines, \(size), \(max(0, lines - shown)) lines omitted"
        if let file { mark += ", full output: \(file)" }
        return String(decoding: start, as: UTF8.self) + mark + " …\n" + String(decoding: end, as: UTF8.self)
    }

    private static func lines(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.withUnsafeBytes { buffer in
            var count = 0
            for index in 0..<buffer.count where buffer[index] == newline { count += 1 }
            return count
        }
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes
        while bytes.last == newline { bytes.removeLast() }
        return bytes
    }

    private static func firstLines(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        var end = 0
        var count = 0
        for (index, byte) in bytes.prefix(ToolLimits.headBytes).enumerated() where byte == newline {
            end = index + 1
            count += 1
            if count == ToolLimits.headLines { break }
        }
        return bytes[..<end]
    }

    private static func lastLines(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var start = bytes.endIndex
        var count = 0
        let floor = max(bytes.startIndex, bytes.endIndex - ToolLimits.tailBytes)
        var index = bytes.endIndex
        while index > floor {
            index -= 1
            guard bytes[index] == newline || index == bytes.startIndex else { continue }
            start = bytes[index] == newline ? index + 1 : index
            count += 1
            if count == ToolLimits.tailLines { break }
        }
        guard start == bytes.endIndex else { return bytes[start...] }
        // One line longer than the limit: its end is kept, from the beginning of a character.
        var cut = floor
        while cut < bytes.endIndex, bytes[cut] & 0xC0 == 0x80 { cut += 1 }
        return bytes[cut...]
    }
}
