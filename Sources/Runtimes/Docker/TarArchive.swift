/// Writes POSIX tar archives (ustar) whose bytes depend on nothing but their entries and their owner: time 0.
struct TarArchive: Sendable {
    private(set) var bytes: [UInt8] = []

    /// User and group of all entries.
    private let owner: Int

    private static let block = 512

    /// An archive without entries.
    init(owner: Int = 0) { self.owner = owner }

    /// Adds a file; the path is relative, its parts divided by `/`.
    mutating func addFile(_ path: String, _ content: [UInt8], mode: Int = 0o644) {
        addHeader(path: path, mode: mode, size: content.count, type: "0", target: "")
        bytes += content
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
    func finished() -> [UInt8] { bytes + [UInt8](repeating: 0, count: 2 * Self.block) }

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
        bytes += header
    }

    /// GNU's way to give a name longer than its field: an entry of its own before the real one.
    private mutating func addLongName(_ name: String, type: Unicode.Scalar) {
        let content = Array(name.utf8) + [0]
        addHeader(path: "././@LongLink", mode: 0o644, size: content.count, type: type, target: "")
        bytes += content
        pad()
    }

    private mutating func pad() {
        let rest = bytes.count % Self.block
        if rest > 0 { bytes += [UInt8](repeating: 0, count: Self.block - rest) }
    }

    private static func octal(_ value: Int, digits: Int) -> String {
        let text = String(value, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
