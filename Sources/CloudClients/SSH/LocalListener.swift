import Foundation
import Synchronization
import SystemPackage

/// A socket at this machine that hands on whoever connects to it.
final class LocalListener: Sendable {
    /// Everybody who connects, until ``close()``; whoever takes one closes it.
    ///
    /// To be iterated once. Nobody is lost: whoever is not taken yet waits in the stream.
    let connections: AsyncStream<FileDescriptor>
    /// `nil` once nobody is let in any more: its number may be that of another file by then.
    private let descriptor: Mutex<Int32?>

    /// Listens at a path at which there is nothing.
    ///
    /// - Throws: ``SSHError`` (`directory`).
    init(at path: String) throws(SSHError) {
        guard let listening = UnixSocket.listen(at: path) else {
            throw SSHError.directory(path, reason: String(cString: strerror(errno)))
        }
        let (connections, continuation) = AsyncStream.makeStream(of: FileDescriptor.self)
        self.connections = connections
        descriptor = Mutex(listening)
        // accept(2) holds its thread, which must be none of those that tasks share.
        Thread.detachNewThread { [self] in
            while let connection = Self.next(of: listening) { continuation.yield(connection) }
            continuation.finish()
            descriptor.withLock {
                Foundation.close(listening)
                $0 = nil
            }
        }
    }

    /// Lets nobody in any more.
    func close() {
        descriptor.withLock { if let listening = $0 { shutdown(listening, Int32(SHUT_RDWR)) } }
    }

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
