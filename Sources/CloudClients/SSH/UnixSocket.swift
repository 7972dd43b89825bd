import Foundation

/// A socket of this machine that has a path.
enum UnixSocket {
    /// Whether somebody listens at a path.
    ///
    /// The connection is closed at once.
    static func isServed(at path: String) -> Bool {
        let descriptor = make(waits: false)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let status = withAddress(of: path) { connect(descriptor, $0, $1) }
        // A full queue of callers is one that somebody serves.
        return status == 0 || (status == -1 && errno == EAGAIN)
    }

    /// Listens at a path at which there is nothing.
    ///
    /// - Returns: the descriptor, whose `accept` waits for callers; `nil` when it cannot be made, with `errno`.
    static func listen(at path: String) -> Int32? {
        let descriptor = make(waits: true)
        guard descriptor >= 0 else { return nil }
        if withAddress(of: path, { bind(descriptor, $0, $1) }) == 0, Foundation.listen(descriptor, 64) == 0 {
            return descriptor
        }
        close(descriptor)
        return nil
    }

    /// Waits for the next caller; -1 = there is none, `errno` says why.
    static func accept(_ listener: Int32) -> Int32 {
        let descriptor = Foundation.accept(listener, nil, nil)
        // Swift's Glibc has no accept4. What is started before this line closes what it would inherit by itself.
        if descriptor >= 0 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        return descriptor
    }

    private static func make(waits: Bool) -> Int32 {
        #if canImport(Darwin)
            return socket(AF_UNIX, SOCK_STREAM, 0)
        #else
            let waiting = waits ? 0 : SOCK_NONBLOCK.rawValue
            return socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | waiting), 0)
        #endif
    }

    private static func withAddress(
        of path: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
        }
    }
}
