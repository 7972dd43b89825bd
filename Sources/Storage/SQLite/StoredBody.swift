import CZstd
import FoundationEssentials

/// The body of a delivery as it is stored: compressed, unless that makes it no smaller.
struct StoredBody: Sendable {
    /// The column `form`.
    enum Form: Int, Sendable {
        case asReceived = 0
        /// RFC 8878.
        case zstd = 1
    }

    let form: Form
    let bytes: Data

    /// Compresses a body; one that is too short to be worth it stays as it is.
    init(_ body: [UInt8]) {
        let compressed = Self.compress(body)
        form = compressed == nil ? .asReceived : .zstd
        bytes = compressed ?? Data(body)
    }

    /// Takes a body as it was stored.
    init(form: Form, bytes: Data) {
        self.form = form
        self.bytes = bytes
    }

    /// Restores the body.
    ///
    /// - Parameter count: bytes that it had.
    /// - Returns: the body as it came; `nil` when it is damaged.
    func received(count: Int) -> [UInt8]? {
        guard form == .zstd else { return bytes.count == count ? Array(bytes) : nil }
        var isWhole = false
        let body = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let written = bytes.withUnsafeBytes { ZSTD_decompress(buffer.baseAddress, count, $0.baseAddress, $0.count) }
            // An error is a number that no length reaches.
            isWhole = written == count
            initialized = isWhole ? count : 0
        }
        return isWhole ? body : nil
    }

    /// `nil` when nothing is gained.
    private static func compress(_ body: [UInt8]) -> Data? {
        guard body.count >= 256, let context = ZSTD_createCCtx() else { return nil }
        defer { ZSTD_freeCCtx(context) }
        // The quickest of the levels that look at everything: a sender waits.
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 1)
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        // What does not fit into less than the body is not wanted.
        var compressed = Data(count: body.count - 1)
        let length = compressed.withUnsafeMutableBytes { output in
            ZSTD_compress2(context, output.baseAddress, output.count, body, body.count)
        }
        guard ZSTD_isError(length) == 0 else { return nil }
        return compressed.prefix(length)
    }
}
