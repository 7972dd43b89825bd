import Foundation

/// Files and names that survive a power failure once the call returns.
enum DurableFile {
    /// Creates a file that only its owner reads, and flushes its contents.
    ///
    /// - Throws: the system's error; what was written so far stays.
    static func create(_ path: String, _ bytes: [UInt8]) throws {
        let isCreated = FileManager.default.createFile(
            atPath: path,
            contents: nil,
            attributes: [.posixPermissions: 0o600]
        )
        guard isCreated, let file = FileHandle(forWritingAtPath: path) else { throw CocoaError(.fileWriteUnknown) }
        defer { try? file.close() }
        try file.write(contentsOf: Data(bytes))
        try file.synchronize()
    }

    /// Gives a file or directory another name in the same file system; an existing file, or empty directory, of that
    /// name is replaced at once.
    ///
    /// - Returns: false when a directory with something in it has the name.
    static func move(_ path: String, to target: String) throws -> Bool {
        if rename(path, target) == 0 { return true }
        guard errno == ENOTEMPTY || errno == EEXIST else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        return false
    }

    /// Flushes the names in a directory.
    static func flush(directory: String) throws {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY)
        guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    }
}
