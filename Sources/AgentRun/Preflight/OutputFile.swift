import Foundation
import Synchronization

/// A file that a step writes, at most 50 MiB of it.
final class OutputFile: Sendable {
    static let limit = 50 << 20

    private let path: String
    private let state: Mutex<(handle: FileHandle, size: Int)>

    /// Creates the file and its parents.
    ///
    /// - Throws: ``RunFailure`` naming the path.
    init(path: String) throws(RunFailure) {
        self.path = path
        let parent = URL(filePath: path).deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
            try Data().write(to: URL(filePath: path))
            state = Mutex((try FileHandle(forWritingTo: URL(filePath: path)), 0))
        } catch {
            throw RunFailure(.preflight, "cannot write \(path): \(error.localizedDescription)")
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

    /// Closes the file and tells its size.
    func close() throws -> Int {
        try state.withLock { state in
            try state.handle.close()
            return state.size
        }
    }
}
