/// Cuts a stream of bytes into lines; lines and UTF-8 sequences may be spread over any number of pieces.
struct LineBuffer: Sendable {
    /// A longer line is cut here and marked.
    static let longestLine = 256 << 10

    private(set) var pending: [UInt8] = []
    private var droppedBytes = 0

    var isEmpty: Bool { pending.isEmpty && droppedBytes == 0 }

    /// Takes a piece and hands out the lines it completes, each with the number of bytes of the piece up to its end.
    mutating func append(_ bytes: some RandomAccessCollection<UInt8>, onLine: (String, Int) throws -> Void) rethrows {
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            store(bytes[start..<end])
            start = bytes.index(after: end)
            try onLine(take(), bytes.distance(from: bytes.startIndex, to: start))
        }
        store(bytes[start...])
    }

    /// What stands behind the last newline, as a line; `nil` when there is nothing.
    mutating func finish() -> String? { isEmpty ? nil : take() }

    private mutating func store(_ bytes: some Collection<UInt8>) {
        let room = Self.longestLine - pending.count
        pending.append(contentsOf: bytes.prefix(room))
        droppedBytes += max(0, bytes.count - room)
    }

    private mutating func take() -> String {
        var text = String(decoding: pending, as: UTF8.self)
        if droppedBytes > 0 { text += " […\(droppedBytes) bytes cut]" }
        pending.removeAll(keepingCapacity: true)
        droppedBytes = 0
        return text
    }
}
