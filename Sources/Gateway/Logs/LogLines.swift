import Foundation

/// A line of a file, without its newline.
struct LogLine {
    /// Empty for a line beyond the limit.
    let bytes: [UInt8]
    /// Offset behind the newline.
    let end: UInt64
    /// Bytes read for it.
    let length: Int
}

/// The lines of a file from a place on.
struct ForwardLines {
    private let file: FileHandle
    private let blockSize: Int
    private let lineLimit: Int
    private var block: [UInt8] = []
    private var index = 0
    /// Offset behind the line given out last.
    private(set) var position: UInt64

    /// Begins behind a line; of a file that was cut short since, everything is new.
    init(file: FileHandle, start: UInt64, blockSize: Int, lineLimit: Int) throws {
        self.file = file
        self.blockSize = blockSize
        self.lineLimit = lineLimit
        position = start <= (try file.seekToEnd()) ? start : 0
        try file.seek(toOffset: position)
    }

    /// The next line; one without a newline only where nothing more can follow.
    mutating func next(includingUnfinished: Bool) throws -> LogLine? {
        var bytes: [UInt8] = []
        var length = 0
        while true {
            if index == block.count {
                block = Array(try file.read(upToCount: blockSize) ?? Data())
                index = 0
                guard !block.isEmpty else {
                    guard includingUnfinished, length > 0 else { return nil }
                    return finish(bytes, length)
                }
            }
            let newline = block[index...].firstIndex(of: 0x0A)
            let part = block[index..<(newline ?? block.count)]
            length += part.count
            if length <= lineLimit { bytes.append(contentsOf: part) }
            index = newline.map { $0 + 1 } ?? block.count
            if newline != nil { return finish(bytes, length + 1) }
        }
    }

    private mutating func finish(_ bytes: [UInt8], _ length: Int) -> LogLine {
        position += UInt64(length)
        return LogLine(bytes: length > lineLimit + 1 ? [] : bytes, end: position, length: length)
    }
}

/// The lines of a file from its end to its beginning.
struct BackwardLines {
    private let file: FileHandle
    private let blockSize: Int
    private let lineLimit: Int
    /// Bytes before `blockEnd` that were read and not given out.
    private var block: ArraySlice<UInt8> = []
    /// Offset of the first byte of `block`.
    private var blockStart: UInt64 = 0

    init(file: FileHandle, blockSize: Int, lineLimit: Int) {
        self.file = file
        self.blockSize = blockSize
        self.lineLimit = lineLimit
    }

    /// Goes to the end of the last whole line and returns its offset.
    mutating func seekToLastNewline() throws -> UInt64 {
        blockStart = try file.seekToEnd()
        block = []
        while true {
            if let newline = block.lastIndex(of: 0x0A) {
                block = block[...newline]
                return blockStart + UInt64(block.count)
            }
            block = []
            guard try load() else { return 0 }
        }
    }

    /// Goes to a place behind a whole line, or to the end of a file that grows no more.
    mutating func seek(to offset: UInt64) throws {
        blockStart = min(offset, try file.seekToEnd())
        block = []
    }

    /// The line before the one given out last.
    mutating func next() throws -> LogLine? {
        if block.isEmpty { guard try load() else { return nil } }
        let end = blockStart + UInt64(block.count)
        let hasNewline = block.last == 0x0A
        if hasNewline { block = block.dropLast() }
        var parts: [ArraySlice<UInt8>] = []
        var length = 0
        while true {
            let newline = block.lastIndex(of: 0x0A)
            let part = newline.map { block[($0 + 1)...] } ?? block
            length += part.count
            if length <= lineLimit { parts.append(part) } else { parts = [] }
            if let newline {
                block = block[...newline]
                break
            }
            block = []
            guard try load() else { break }
        }
        let bytes = length <= lineLimit ? Array(parts.reversed().joined()) : []
        return LogLine(bytes: bytes, end: end, length: length + (hasNewline ? 1 : 0))
    }

    /// Reads the block before `blockStart`.
    private mutating func load() throws -> Bool {
        guard blockStart > 0 else { return false }
        let size = min(UInt64(blockSize), blockStart)
        blockStart -= size
        try file.seek(toOffset: blockStart)
        block = Array(try file.read(upToCount: Int(size)) ?? Data())[...]
        return !block.isEmpty
    }
}
