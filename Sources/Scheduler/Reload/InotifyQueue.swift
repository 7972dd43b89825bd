#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

#if os(Linux)
    /// The kernel's queue of file changes; everything that speaks to it stands here.
    final class InotifyQueue {
        /// One change as the kernel tells it.
        struct Event: Hashable {
            var watch: Int32
            /// In the watched directory; empty when the directory itself is meant.
            var name: String
            /// The kernel lost events.
            var isOverflow: Bool
            /// The watched directory is gone, and with it the watch.
            var isEnded: Bool
        }

        private static let interest =
            UInt32(IN_CREATE) | UInt32(IN_CLOSE_WRITE) | UInt32(IN_MODIFY) | UInt32(IN_ATTRIB) | UInt32(IN_DELETE)
            | UInt32(IN_MOVED_FROM) | UInt32(IN_MOVED_TO) | UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF)

        private let descriptor: Int32

        /// Opens a queue.
        ///
        /// - Throws: ``WatchError`` when the system has none to give.
        init() throws(WatchError) {
            // IN_NONBLOCK and IN_CLOEXEC are these two by definition; their own names are of another integer type.
            descriptor = inotify_init1(O_NONBLOCK | O_CLOEXEC)
            guard descriptor >= 0 else { throw WatchError(path: nil, number: errno) }
        }

        deinit { close(descriptor) }

        /// Watches a directory; links are followed, and watching it again gives the same number.
        func add(_ path: String) throws(WatchError) -> Int32 {
            let watch = inotify_add_watch(descriptor, path, Self.interest)
            guard watch >= 0 else { throw WatchError(path: path, number: errno) }
            return watch
        }

        func remove(_ watch: Int32) { inotify_rm_watch(descriptor, watch) }

        /// What has happened since the last call; does not wait.
        func read() -> [Event] {
            var events: [Event] = []
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = buffer.withUnsafeMutableBytes { Self.system(descriptor, $0) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return events }
                events += Self.events(in: buffer[..<count])
            }
        }

        private static func system(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
            #if canImport(Glibc)
                Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            #else
                Musl.read(descriptor, buffer.baseAddress, buffer.count)
            #endif
        }

        /// Takes apart what the kernel wrote: fixed fields, then a name padded with zeros.
        private static func events(in bytes: ArraySlice<UInt8>) -> [Event] {
            let headerSize = MemoryLayout<inotify_event>.size
            var events: [Event] = []
            var rest = bytes
            while rest.count >= headerSize {
                let header = rest.withUnsafeBytes { $0.loadUnaligned(as: inotify_event.self) }
                let name = rest.dropFirst(headerSize).prefix(Int(header.len)).prefix { $0 != 0 }
                events.append(
                    Event(
                        watch: header.wd,
                        name: String(decoding: name, as: UTF8.self),
                        isOverflow: header.mask & UInt32(IN_Q_OVERFLOW) != 0,
                        isEnded: header.mask & UInt32(IN_IGNORED) != 0
                    )
                )
                rest = rest.dropFirst(headerSize + Int(header.len))
            }
            return events
        }
    }
#endif

/// Why files cannot be watched.
struct WatchError: Error, Hashable, CustomStringConvertible {
    /// `nil`: watching is impossible as such.
    var path: String?
    /// The system's error number.
    var number: Int32

    var description: String {
        let what = path.map { "cannot watch \($0)" } ?? "cannot watch files"
        let remedy = number == ENOSPC ? "; raise fs.inotify.max_user_watches" : ""
        return "\(what): \(String(cString: strerror(number)))\(remedy)"
    }
}
