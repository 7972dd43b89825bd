import CZstd
import FoundationEssentials
import Synchronization

/// Compresses bodies by RFC 8878 (Zstandard).
///
/// The tables of a compression are larger than the body; those of the last ones are used again.
enum Compressor {
    /// What one compression at a time works with.
    ///
    /// Sendable because it is never shared: who compresses has taken it out of ``resting``.
    private final class Tables: @unchecked Sendable {
        let context: OpaquePointer

        init?() {
            guard let context = ZSTD_createCCtx() else { return nil }
            // The quickest of the levels that look at everything: a sender waits.
            ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 1)
            ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
            self.context = context
        }

        deinit { ZSTD_freeCCtx(context) }
    }

    /// More than this many tasks rarely compress at once; their tables are given back.
    private static let kept = 4

    private static let resting = Mutex<[Tables]>([])

    /// The compressed bytes; `nil` when they are no fewer.
    static func compress(_ body: [UInt8]) -> Data? {
        guard let tables = resting.withLock({ $0.popLast() }) ?? Tables() else { return nil }
        defer { resting.withLock { if $0.count < kept { $0.append(tables) } } }
        // What does not fit into less than the body is not wanted.
        return withUnsafeTemporaryAllocation(byteCount: body.count - 1, alignment: 1) { room in
            let length = ZSTD_compress2(tables.context, room.baseAddress, room.count, body, body.count)
            guard ZSTD_isError(length) == 0 else { return nil }
            return Data(UnsafeRawBufferPointer(rebasing: room[..<length]))
        }
    }
}
