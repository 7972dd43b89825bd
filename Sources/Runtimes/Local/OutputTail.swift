import Foundation

/// Reads two growing files, line by line, from where an earlier reader stopped.
struct OutputTail: Sendable {
    /// Byte offsets behind the last line handed out, written `<out>:<err>`.
    private var offsets: [Int]
    private let paths: [String]
    private var buffers = [LineBuffer(), LineBuffer()]
    /// How far each file was read, which may be inside a line.
    private var readOffsets: [Int]

    private static let chunk = 256 << 10

    /// Begins at a position; anything unreadable counts as the beginning.
    init(output: String, errors: String, position: String?) {
        let parts = (position ?? "").split(separator: ":").compactMap { Int($0) }
        offsets = parts.count == 2 && parts.allSatisfy { $0 >= 0 } ? parts : [0, 0]
        readOffsets = offsets
        paths = [output, errors]
    }

    /// The next complete lines, and whether everything was read; what was read may end inside a long line.
    mutating func next() -> (lines: [OutputLine], isAtEnd: Bool) {
        var lines: [OutputLine] = []
        var isAtEnd = true
        for index in 0..<2 {
            let bytes = Self.read(paths[index], from: readOffsets[index])
            guard !bytes.isEmpty else { continue }
            isAtEnd = false
            let start = readOffsets[index]
            var buffer = buffers[index]
            buffer.append(bytes) { text, consumed in
                offsets[index] = start + consumed
                lines.append(line(index, text))
            }
            buffers[index] = buffer
            readOffsets[index] = start + bytes.count
        }
        return (lines, isAtEnd)
    }

    /// What stands behind the last newlines once nothing more can come.
    mutating func finish() -> [OutputLine] {
        var lines: [OutputLine] = []
        for index in 0..<2 {
            guard let text = buffers[index].finish() else { continue }
            offsets[index] = readOffsets[index]
            lines.append(line(index, text))
        }
        return lines
    }

    private func line(_ index: Int, _ text: String) -> OutputLine {
        OutputLine(
            stream: index == 0 ? .standardOutput : .standardError,
            text: text,
            position: "\(offsets[0]):\(offsets[1])"
        )
    }

    private static func read(_ path: String, from offset: Int) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        return [UInt8](unsafeUninitializedCapacity: chunk) { buffer, count in
            count = max(0, pread(file, buffer.baseAddress, chunk, off_t(offset)))
        }
    }
}
