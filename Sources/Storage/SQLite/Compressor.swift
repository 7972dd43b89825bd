import CZstd
import FoundationEssentials
import Synchronization

/// Compresses what deliveries said by RFC 8878 (Zstandard).
///
/// The tables of a compression are larger than the body; those of the last ones are used again.
enum Compressor {
    /// What one compression at a time works with.
    private final class Tables: Sendable {
        /// Who compresses has taken the tables out of ``resting``, so nobody ever waits for this lock.
        private let context: Mutex<OpaquePointer>

        init?() {
            guard let context = ZSTD_createCCtx() else { return nil }
            // A sender waits: a third less of it than at the next level, for a quarter more bytes.
            ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, -1)
            ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
            self.context = Mutex(context)
        }

        deinit { _ = context.withLock { ZSTD_freeCCtx($0) } }

        func compress(_ body: [UInt8]) -> Data? {
            context.withLock { context in
                // What does not fit into less than the body is not wanted.
                let room = UnsafeMutableRawBufferPointer.allocate(byteCount: body.count - 1, alignment: 1)
                defer { room.deallocate() }
                let length = ZSTD_compress2(context, room.baseAddress, room.count, body, body.count)
                return ZSTD_isError(length) == 0 ? Data(UnsafeRawBufferPointer(rebasing: room[..<length])) : nil
            }
        }
    }

    /// More than this many tasks rarely compress at once; their tables are given back.
    private static let kept = 4

    private static let resting = Mutex<[Tables]>([])

    /// The compressed bytes; `nil` when they are no fewer.
    static func compress(_ body: [UInt8]) -> Data? {
        guard !body.isEmpty, let tables = resting.withLock({ $0.popLast() }) ?? Tables() else { return nil }
        defer { resting.withLock { if $0.count < kept { $0.append(tables) } } }
        return tables.compress(body)
    }
}
