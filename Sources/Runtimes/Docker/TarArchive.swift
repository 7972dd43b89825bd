import Domain
import Foundation
import NIOCore

/// Writes POSIX tar archives (ustar) whose bytes depend on nothing but their entries and their owner: time 0.
struct TarArchive: Sendable {
    private var content = ArchiveContent()

    /// User and group of all entries.
    private let owner: Int

    private static let block = 512

    /// An archive without entries.
    init(owner: Int = 0) { self.owner = owner }

    /// Adds a file; the path is relative, its parts divided by `/`.
    mutating func addFile(_ path: String, _ content: [UInt8], mode: Int = 0o644) {
        addHeader(path: path, mode: mode, size: content.count, type: "0", target: "")
        self.content.add(content)
        pad()
    }

    /// Adds a file of this machine, which is read when the archive is.
    mutating func addFile(_ path: String, from source: String, size: Int, mode: Int) {
        addHeader(path: path, mode: mode, size: size, type: "0", target: "")
        content.add(file: source, size: size)
        pad()
    }

    /// Adds a directory.
    mutating func addDirectory(_ path: String, mode: Int = 0o755) {
        addHeader(path: path + "/", mode: mode, size: 0, type: "5", target: "")
    }

    /// Adds a symbolic link.
    mutating func addLink(_ path: String, to target: String) {
        addHeader(path: path, mode: 0o777, size: 0, type: "2", target: target)
    }

    /// The whole archive with its end mark.
    func finished() -> ArchiveContent {
        var content = content
        content.add([UInt8](repeating: 0, count: 2 * Self.block))
        return content
    }

    private mutating func addHeader(path: String, mode: Int, size: Int, type: Unicode.Scalar, target: String) {
        if path.utf8.count > 100 { addLongName(path, type: "L") }
        if target.utf8.count > 100 { addLongName(target, type: "K") }
        var header = [UInt8](repeating: 0, count: Self.block)
        func put(_ text: String, at offset: Int, limit: Int) {
            for (index, byte) in text.utf8.prefix(limit).enumerated() { header[offset + index] = byte }
        }
        put(path, at: 0, limit: 100)
        put(Self.octal(mode, digits: 7), at: 100, limit: 7)
        put(Self.octal(owner, digits: 7), at: 108, limit: 7)
        put(Self.octal(owner, digits: 7), at: 116, limit: 7)
        put(Self.octal(size, digits: 11), at: 124, limit: 11)
        put(Self.octal(0, digits: 11), at: 136, limit: 11)
        put(String(type), at: 156, limit: 1)
        put(target, at: 157, limit: 100)
        put("ustar", at: 257, limit: 5)
        put("00", at: 263, limit: 2)
        put("        ", at: 148, limit: 8)
        let sum = header.reduce(0) { $0 + Int($1) }
        put(Self.octal(sum, digits: 6) + "\0 ", at: 148, limit: 8)
        content.add(header)
    }

    /// GNU's way to give a name longer than its field: an entry of its own before the real one.
    private mutating func addLongName(_ name: String, type: Unicode.Scalar) {
        let text = Array(name.utf8) + [0]
        addHeader(path: "././@LongLink", mode: 0o644, size: text.count, type: type, target: "")
        content.add(text)
        pad()
    }

    private mutating func pad() {
        let rest = content.length % Self.block
        if rest > 0 { content.add([UInt8](repeating: 0, count: Self.block - rest)) }
    }

    private static func octal(_ value: Int, digits: Int) -> String {
        let text = String(value, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}

/// The bytes of an archive, of which those that stand in files are read when it is their turn.
struct ArchiveContent: AsyncSequence, Sendable {
    fileprivate enum Piece: Sendable {
        case bytes([UInt8])
        case file(String, size: Int)
    }

    /// Most bytes of a piece.
    static let chunk = 256 << 10

    private var pieces: [Piece] = []
    private(set) var length = 0
    /// Called whenever a piece is taken.
    var onPiece: @Sendable () -> Void = {}

    fileprivate mutating func add(_ bytes: [UInt8]) {
        length += bytes.count
        // Headers and small files together, or each would be a message of its own.
        if case .bytes(let last) = pieces.last, last.count + bytes.count <= Self.chunk {
            pieces[pieces.count - 1] = .bytes(last + bytes)
        } else {
            pieces.append(.bytes(bytes))
        }
    }

    mutating func add(file: String, size: Int) {
        length += size
        pieces.append(.file(file, size: size))
    }

    func makeAsyncIterator() -> Iterator { Iterator(pieces: pieces[...], onPiece: onPiece) }

    /// All of it at once, for archives without files.
    func bytes() throws -> [UInt8] {
        var iterator = makeAsyncIterator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length)
        while let next = try iterator.nextPiece() { bytes += next.readableBytesView }
        return bytes
    }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var pieces: ArraySlice<Piece>
        fileprivate let onPiece: @Sendable () -> Void
        private var open: (file: FileHandle, path: String, left: Int)?

        fileprivate init(pieces: ArraySlice<Piece>, onPiece: @escaping @Sendable () -> Void) {
            self.pieces = pieces
            self.onPiece = onPiece
        }

        mutating func next() async throws -> ByteBuffer? { try nextPiece() }

        mutating func nextPiece() throws -> ByteBuffer? {
            onPiece()
            if let piece = try nextOfFile() { return piece }
            guard let piece = pieces.popFirst() else { return nil }
            switch piece {
            case .bytes(let bytes): return ByteBuffer(bytes: bytes)
            case .file(let path, let size):
                guard let file = FileHandle(forReadingAtPath: path) else { throw Self.unreadable(path) }
                open = (file, path, size)
                return try nextOfFile() ?? nextPiece()
            }
        }

        private mutating func nextOfFile() throws -> ByteBuffer? {
            guard let (file, path, left) = open, left > 0 else {
                open = nil
                return nil
            }
            let content: Data
            do {
                content = try file.read(upToCount: Swift.min(left, ArchiveContent.chunk)) ?? Data()
            } catch {
                throw Self.unreadable(path)
            }
            // One that became shorter meanwhile: its header has been sent.
            let bytes = content.isEmpty ? Data(count: Swift.min(left, ArchiveContent.chunk)) : content
            open = (file, path, left - bytes.count)
            return ByteBuffer(bytes: bytes)
        }

        private static func unreadable(_ path: String) -> RuntimeError {
            RuntimeError(code: .buildFailed, message: "\(path) is part of an image and cannot be read.")
        }
    }
}
