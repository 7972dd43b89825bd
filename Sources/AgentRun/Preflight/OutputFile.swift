import Foundation
import Synchronization

/// A file that a step writes, at most 50 MiB of it.
///
/// It gets its name when it is whole: a step that fails leaves neither half a file nor anything in place of an earlier one. What is
/// no plain file (`/dev/null`, a link, a pipe), or lies in a directory that takes no further file, is written where it is.
final class OutputFile: Sendable {
    static let limit = 50 << 20

    private let path: String
    /// Beside the path, and no other step's; `nil` = it is written where it is.
    private let partial: String?
    private let state: Mutex<(handle: FileHandle, size: Int)>

    private init(path: String) throws(RunFailure) {
        self.path = path
        let place = URL(filePath: path)
        let parent = place.deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        } catch {
            throw RunFailure(.preflight, "cannot write \(path): \(error.localizedDescription)")
        }
        let name = ".\(place.lastPathComponent.prefix(60)).\(String(UInt64.random(in: 0 ... .max), radix: 16)).partial"
        partial = Self.isReplaceable(path, in: parent.path) ? parent.appending(path: name).path : nil
        // A pipe that nobody reads is told instead of waited for; one that somebody reads is waited for again.
        let descriptor = open(partial ?? path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0o666)
        guard descriptor >= 0 else { throw Self.failure(path) }
        _ = fcntl(descriptor, F_SETFL, 0)
        state = Mutex((FileHandle(fileDescriptor: descriptor, closeOnDealloc: true), 0))
    }

    /// Whether a new file may take the path.
    private static func isReplaceable(_ path: String, in directory: String) -> Bool {
        // Does not follow links.
        guard let found = try? FileManager.default.attributesOfItem(atPath: path) else { return true }
        return found[.type] as? FileAttributeType == .typeRegular && access(directory, W_OK) == 0
    }

    private static func failure(_ path: String) -> RunFailure {
        let reason =
            errno == ENXIO ? "nobody reads from this pipe, or it is a socket" : String(cString: strerror(errno))
        return RunFailure(.preflight, "cannot write \(path): \(reason)")
    }

    /// Creates a file and its parents, replacing an earlier one once the body is done.
    ///
    /// - Returns: how many bytes it has.
    /// - Throws: ``RunFailure`` naming the path, or what the body throws.
    static func write(to path: String, _ body: (OutputFile) async throws -> Void) async throws -> Int {
        let file = try OutputFile(path: path)
        do {
            try await body(file)
            return try file.finish()
        } catch {
            // Gone is what is wanted; the error that ends the step is the one that counts.
            if let partial = file.partial { try? FileManager.default.removeItem(atPath: partial) }
            throw error
        }
    }

    /// Appends bytes.
    ///
    /// - Throws: ``RunFailure`` when the file becomes too large, or the file system's error.
    func append(_ bytes: [UInt8]) throws {
        try state.withLock { state in
            state.size += bytes.count
            guard state.size <= Self.limit else {
                throw RunFailure(.preflight, "the output for \(path) is larger than 50 MiB")
            }
            try state.handle.write(contentsOf: Data(bytes))
        }
    }

    private func finish() throws -> Int {
        let size = try state.withLock { state in
            try state.handle.close()
            return state.size
        }
        if let partial, rename(partial, path) != 0 { throw Self.failure(path) }
        return size
    }
}
