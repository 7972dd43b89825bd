import Foundation

/// Reading and replacing whole files, with errors a model can act on.
enum FileAccess {
    enum Kind { case missing, directory, file, special }

    static func kind(of path: String) -> Kind {
        var status = stat()
        guard stat(path, &status) == 0 else { return .missing }
        return switch status.st_mode & S_IFMT {
        case S_IFDIR: .directory
        case S_IFREG: .file
        default: .special
        }
    }

    /// Reads a file that exists.
    ///
    /// - Throws: ``HarnessError/Code/notFound`` with similar names, or what the system said.
    static func bytes(of path: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try eachPiece(of: path) { piece in
            bytes += piece
            return true
        }
        return bytes
    }

    /// Shows the pieces of a file that exists, in order.
    ///
    /// - Parameters:
    ///   - path: of the file.
    ///   - visit: returns false to end it.
    /// - Throws: ``HarnessError/Code/notFound`` with similar names, or what the system said.
    static func eachPiece(of path: String, _ visit: (UnsafeRawBufferPointer) throws -> Bool) throws {
        switch kind(of: path) {
        case .missing: throw missing(path)
        case .directory:
            throw HarnessError(.isDirectory, "\(path) is a directory. List it with `ls`, then name a file in it.")
        case .special:
            throw HarnessError(.notRegular, "\(path) is no regular file but a device, pipe or socket. Use bash.")
        case .file: break
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path, errno) }
        defer { close(descriptor) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(path, errno) }
            guard count > 0, try visit(UnsafeRawBufferPointer(rebasing: buffer[..<count])) else { return }
        }
    }

    /// Makes sure that there is a directory.
    ///
    /// - Throws: ``HarnessError/Code/notFound`` or ``HarnessError/Code/notDirectory``.
    static func requireDirectory(_ path: String) throws(HarnessError) {
        switch kind(of: path) {
        case .directory: return
        case .missing: throw missing(path)
        case .file, .special: throw HarnessError(.notDirectory, "\(path) is no directory. Read it with `read`.")
        }
    }

    /// Size of a file that exists.
    static func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Replaces or creates a file in one step: readers see the old or the new content, never a part.
    ///
    /// - Parameters:
    ///   - path: with symbolic links already followed.
    ///   - bytes: the whole content.
    ///   - context: makes the name of the temporary file beside it unique.
    /// - Throws: ``HarnessError/Code/notWritable``.
    static func replace(_ path: String, with bytes: [UInt8], in context: ToolContext) throws {
        // The name of the file may be as long as names can be.
        let temporary = (path as NSString).deletingLastPathComponent + "/.al-\(context.makeID())"
        var status = stat()
        let mode = stat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
        if mode != nil, access(path, W_OK) != 0 { throw notWritable(path, errno, context) }
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode ?? 0o666)
        guard descriptor >= 0 else { throw notWritable(path, errno, context) }
        // The mode given to open is cut by the umask; an existing file keeps the mode it has.
        if let mode { fchmod(descriptor, mode) }
        let failure = writeAll(bytes, to: descriptor)
        close(descriptor)
        guard failure == 0, rename(temporary, path) == 0 else {
            let code = failure == 0 ? errno : failure
            unlink(temporary)
            throw notWritable(path, code, context)
        }
    }

    /// The file a path stands for; a symbolic link that leads nowhere yet is followed too.
    static func followingLink(_ path: ToolPath) -> String {
        var current = path.resolved
        for _ in 0..<16 {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = buffer.withUnsafeMutableBytes { raw in
                raw.baseAddress.map { readlink(current, $0.assumingMemoryBound(to: CChar.self), raw.count) } ?? -1
            }
            guard count > 0 else { return current }
            let target = String(decoding: buffer[..<count], as: UTF8.self)
            let directory = (current as NSString).deletingLastPathComponent
            current = ((target.hasPrefix("/") ? target : directory + "/" + target) as NSString).standardizingPath
        }
        return current
    }

    /// Writes everything; 0 or the error number.
    static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let count = write(descriptor, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
                if count < 0 {
                    if errno == EINTR { continue }
                    return errno
                }
                offset += count
            }
            return 0
        }
    }

    /// Makes the directory that a file is to be in, with all above it.
    ///
    /// - Throws: ``HarnessError/Code/notWritable``.
    static func makeDirectory(of path: String, in context: ToolContext) throws {
        var missing: [String] = []
        var directory = (path as NSString).deletingLastPathComponent
        while kind(of: directory) == .missing, directory.count > 1 {
            missing.append(directory)
            directory = (directory as NSString).deletingLastPathComponent
        }
        for directory in missing.reversed() where mkdir(directory, 0o777) != 0 && errno != EEXIST {
            throw notWritable(path, errno, context)
        }
    }

    /// Why a file cannot be written, and where one can.
    private static func notWritable(_ path: String, _ code: Int32, _ context: ToolContext) -> HarnessError {
        let usual: [String] = ["/workspace", "/tmp", "/home/node"]
        let candidates = usual.filter { access($0, W_OK) == 0 }
        let here = context.workingDirectory
        let writable = (access(here, W_OK) == 0 && !candidates.contains(here) ? [here] : []) + candidates
        let hint = writable.isEmpty ? "" : " Writable directories: \(writable.joined(separator: ", "))."
        return HarnessError(.notWritable, "Cannot write \(path): \(Self.systemText(code)).\(hint)")
    }

    /// What the system calls an error number.
    static func systemText(_ code: Int32) -> String { strerror(code).map { String(cString: $0) } ?? "error \(code)" }

    private static let pieceBytes = 256 * 1024

    private static func unreadable(_ path: String, _ code: Int32) -> HarnessError {
        HarnessError(.systemCall, "Cannot read \(path): \(systemText(code)). Check its permissions with `ls -l`.")
    }

    /// The file is no text; what it looks like instead.
    static func binary(_ path: String, _ head: [UInt8]) -> HarnessError {
        HarnessError(
            .binary,
            "\(path) is no text: \(ToolLimits.sizeText(size(of: path))), looks like \(guess(head)). "
                + "Look at it with a command such as `file`, `xxd` or `strings`."
        )
    }

    private static func guess(_ bytes: [UInt8]) -> String {
        let kinds: [([UInt8], String)] = [
            ([0x7F, 0x45, 0x4C, 0x46], "an ELF program"), ([0x50, 0x4B, 0x03, 0x04], "a ZIP archive"),
            ([0x1F, 0x8B], "gzip data"), ([0x25, 0x50, 0x44, 0x46], "a PDF document"),
            (Array("SQLite format 3".utf8), "an SQLite database"),
        ]
        return kinds.first { bytes.starts(with: $0.0) }?.1 ?? "binary data"
    }

    /// Nothing is there; what is there instead.
    static func missing(_ path: String) -> HarnessError { HarnessError(.notFound, missingText(path)) }

    private static func missingText(_ path: String) -> String {
        let directory = (path as NSString).deletingLastPathComponent
        let name = (path as NSString).lastPathComponent
        // An unreadable or missing directory just means that there are no names to suggest.
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            return "\(path) does not exist, nor can its directory \(directory) be read. Check the path with `ls`."
        }
        let similar = SimilarNames.best(for: name, among: names, count: 3)
        let hint = similar.isEmpty ? "List \(directory) with `ls`." : "Similar: \(similar.joined(separator: ", "))."
        return "\(path) does not exist. \(hint)"
    }
}
