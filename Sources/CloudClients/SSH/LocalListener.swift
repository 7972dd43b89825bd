import Foundation
import SystemPackage

/// A socket at this machine that hands on whoever connects to it.
struct LocalListener: Sendable {
    /// Everybody who connects, until ``close()``; whoever takes one closes it.
    ///
    /// To be iterated once.
    let connections: AsyncStream<FileDescriptor>
    private let descriptor: Int32

    /// Listens at a path at which there is nothing.
    ///
    /// - Throws: ``SSHError`` (`directory`).
    init(at path: String) throws(SSHError) {
        guard let descriptor = UnixSocket.listen(at: path) else {
            throw SSHError.directory(path, reason: String(cString: strerror(errno)))
        }
        self.descriptor = descriptor
        // Nobody is lost: whoever is not taken yet waits in the stream.
        connections = AsyncStream(bufferingPolicy: .unbounded) { continuation in
            // accept(2) holds its thread, which must be none of those that tasks share.
            Thread.detachNewThread {
                while let connection = Self.next(of: descriptor) { continuation.yield(connection) }
                continuation.finish()
                Foundation.close(descriptor)
            }
        }
    }

    /// Lets nobody in any more; to be called once.
    func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    private static func next(of descriptor: Int32) -> FileDescriptor? {
        while true {
            let connection = UnixSocket.accept(descriptor)
            if connection >= 0 { return FileDescriptor(rawValue: connection) }
            switch errno {
            case EINTR, ECONNABORTED: continue
            // Too many open files: those who wait can be let in once others have gone.
            case EMFILE, ENFILE, ENOMEM, ENOBUFS: usleep(100_000)
            default: return nil
            }
        }
    }
}
