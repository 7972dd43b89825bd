import Foundation
import Synchronization

/// What files looked like when the session last read or wrote them.
final class FileTracker: Sendable {
    struct Stamp: Equatable {
        var size: Int
        var seconds: Int
        var nanoseconds: Int
    }

    private let stamps = Mutex<[String: Stamp]>([:])

    /// Remembers the file as it stands now.
    func note(_ path: String) {
        let stamp = Self.stamp(of: path)
        stamps.withLock { $0[path] = stamp }
    }

    /// Whether the session knew the file and it is another one now.
    func hasChanged(_ path: String) -> Bool {
        guard let known = stamps.withLock({ $0[path] }) else { return false }
        return known != Self.stamp(of: path)
    }

    private static func stamp(of path: String) -> Stamp? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        return Stamp(size: Int(status.st_size), seconds: time.tv_sec, nanoseconds: time.tv_nsec)
    }
}
