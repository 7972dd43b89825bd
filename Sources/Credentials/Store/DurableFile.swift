import Foundation

/// Files and names that survive a power failure once the call returns.
package enum DurableFile {
    /// Creates a file that only its owner reads, and flushes its contents.
    ///
    /// - Throws: the system's error, also when there is such a file; nothing of a new one is left.
    package static func create(_ path: String, _ text: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try file.write(contentsOf: Data(text.utf8))
            try file.synchronize()
        } catch {
            unlink(path)
            throw error
        }
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
