import Foundation
import Synchronization

/// A file that a step writes, at most 50 MiB of it.
///
/// It gets its name when it is whole: a step that fails leaves neither half a file nor anything in place of an earlier one.
final class OutputFile: Sendable {
    static let limit = 50 << 20

    private let path: String
    private let partial: String
    private let state: Mutex<(handle: FileHandle, size: Int)>

    private init(path: String) throws(RunFailure) {
        self.path = path
        let place = URL(filePath: path)
        let parent = place.deletingLastPathComponent()
        partial = parent.appending(path: ".\(place.lastPathComponent).partial").path
        do {
            try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
            try Data().write(to: URL(filePath: partial))
            state = Mutex((try FileHandle(forWritingTo: URL(filePath: partial)), 0))
        } catch {
            throw RunFailure(.preflight, "cannot write \(path): \(error.localizedDescription)")
        }
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
            try? FileManager.default.removeItem(atPath: file.partial)
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
        guard rename(partial, path) == 0 else {
            throw RunFailure(.preflight, "cannot write \(path): \(String(cString: strerror(errno)))")
        }
        return size
    }
}
