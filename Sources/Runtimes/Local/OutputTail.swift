import Foundation

#if os(Linux)
    import CLinux
#endif

/// Reads two growing files, line by line, from where an earlier reader stopped.
struct OutputTail: Sendable {
    /// One of the files.
    private struct File: Sendable {
        var path: String
        /// Byte offset behind the last line handed out.
        var offset: Int
        /// How far it was read, which may be inside a line.
        var readOffset: Int
        var buffer = LineBuffer()
        /// Bytes that were passed over, up to a line that is still to come.
        var skipped = 0
        /// How much of its beginning the disk no longer keeps.
        var released = 0

        init(path: String, offset: Int) {
            self.path = path
            self.offset = offset
            readOffset = offset
        }
    }

    /// What one look brought.
    struct Piece: Hashable, Sendable {
        /// Complete lines.
        var lines: [OutputLine] = []
        /// Whether everything was read; what was read may end inside a long line.
        var isAtEnd = true
    }

    private var files: [File]
    private let limit: Int

    private static let chunk = 256 << 10
    /// As much as an engine keeps of a container's output.
    private static let usualLimit = 50 << 20

    /// Begins at a position; anything unreadable counts as the beginning.
    ///
    /// - Parameters:
    ///   - output: path of the one file.
    ///   - errors: path of the other.
    ///   - position: of a line handed out earlier: the offsets, written `<out>:<err>`.
    ///   - limit: bytes of each file that may wait to be read; and as many that were read stay on the disk.
    init(output: String, errors: String, position: String?, limit: Int = usualLimit) {
        let parts = (position ?? "").split(separator: ":").compactMap { Int($0) }
        let offsets = parts.count == 2 && parts.allSatisfy { $0 >= 0 } ? parts : [0, 0]
        files = [File(path: output, offset: offsets[0]), File(path: errors, offset: offsets[1])]
        self.limit = limit
    }

    /// The next complete lines.
    mutating func next() -> Piece {
        var piece = Piece()
        for index in files.indices {
            guard let bytes = read(index) else {
                // That a file cannot be opened or read now says nothing about its end.
                piece.isAtEnd = false
                continue
            }
            guard !bytes.isEmpty else { continue }
            piece.isAtEnd = false
            piece.lines += lines(index, bytes)
        }
        return piece
    }

    /// What stands behind the last newlines once nothing more can come.
    mutating func finish() -> [OutputLine] {
        var lines: [OutputLine] = []
        for index in files.indices {
            if files[index].skipped > 0 { lines.append(passedOver(index)) }
            guard let text = files[index].buffer.finish() else { continue }
            files[index].offset = files[index].readOffset
            lines.append(line(index, text))
        }
        return lines
    }

    private mutating func lines(_ index: Int, _ bytes: [UInt8]) -> [OutputLine] {
        var lines: [OutputLine] = []
        var bytes = bytes[...]
        if files[index].skipped > 0 {
            // The line that was passed over in its middle is no line.
            let end = bytes.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 }
            let count = end ?? bytes.endIndex
            files[index].skipped += count
            files[index].readOffset += count
            files[index].offset = files[index].readOffset
            guard end != nil else { return [] }
            bytes = bytes[count...]
            lines.append(passedOver(index))
        }
        let start = files[index].readOffset
        var buffer = files[index].buffer
        buffer.append(bytes) { text, consumed in
            files[index].offset = start + consumed
            lines.append(line(index, text))
        }
        files[index].buffer = buffer
        files[index].readOffset = start + bytes.count
        return lines
    }

    private mutating func passedOver(_ index: Int) -> OutputLine {
        defer { files[index].skipped = 0 }
        return line(index, "[…\(files[index].skipped) bytes cut: they came faster than they could be read]")
    }

    private func line(_ index: Int, _ text: String) -> OutputLine {
        OutputLine(
            stream: index == 0 ? .standardOutput : .standardError,
            text: text,
            position: "\(files[0].offset):\(files[1].offset)"
        )
    }

    /// The next bytes of a file, none where it ends; `nil` = it could not be read.
    private mutating func read(_ index: Int) -> [UInt8]? {
        let descriptor = open(files[index].path, O_RDWR | O_CLOEXEC)
        // Whoever deletes a run's files has read what he wanted.
        guard descriptor >= 0 else { return errno == ENOENT ? [] : nil }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { return nil }
        passOver(index, size: Int(facts.st_size))
        release(index, descriptor)
        var isRead = true
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.chunk) { buffer, count in
            let result = pread(descriptor, buffer.baseAddress, Self.chunk, off_t(files[index].readOffset))
            isRead = result >= 0
            count = max(0, result)
        }
        return isRead ? bytes : nil
    }

    /// Leaves out what a run printed that is too far ahead of its reader.
    private mutating func passOver(_ index: Int, size: Int) {
        guard size - files[index].readOffset > limit else { return }
        let target = size - limit / 2
        files[index].skipped += target - files[index].offset
        files[index].buffer = LineBuffer()
        files[index].readOffset = target
        files[index].offset = target
    }

    /// Takes from the disk what was handed out, but for so much that a position saved last is still in front of lines.
    private mutating func release(_ index: Int, _ descriptor: Int32) {
        #if os(Linux)
            let end = files[index].offset - limit
            guard end - files[index].released >= limit else { return }
            // Where a file system cannot do that the files grow, as they did.
            _ = release_beginning(descriptor, end)
            files[index].released = end
        #endif
    }
}
