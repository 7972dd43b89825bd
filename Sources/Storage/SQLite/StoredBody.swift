import CZlib
import FoundationEssentials

/// The body of a delivery as it is stored: compressed, unless that makes it no smaller.
struct StoredBody: Sendable {
    /// The column `form`.
    enum Form: Int, Sendable {
        case asReceived = 0
        /// RFC 1950.
        case zlib = 1
    }

    let form: Form
    let bytes: Data

    /// Compresses a body; one that is too short to be worth it stays as it is.
    init(_ body: [UInt8]) {
        let compressed = Self.compress(body)
        form = compressed == nil ? .asReceived : .zlib
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
        guard form == .zlib else { return Array(bytes) }
        var isWhole = false
        let body = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            var length = uLongf(count)
            let code = bytes.withUnsafeBytes { stored in
                let start = stored.bindMemory(to: UInt8.self).baseAddress
                return uncompress(buffer.baseAddress, &length, start, uLong(stored.count))
            }
            isWhole = code == Z_OK && length == uLongf(count)
            initialized = isWhole ? count : 0
        }
        return isWhole ? body : nil
    }

    /// `nil` when nothing is gained.
    private static func compress(_ body: [UInt8]) -> Data? {
        guard body.count >= 256 else { return nil }
        var stream = z_stream()
        // The quickest level, for a sender waits; with a 16 KiB window, because making a larger one ready takes longer than
        // compressing what most bodies hold.
        let begun = deflateInit2_(
            &stream,
            Z_BEST_SPEED,
            Z_DEFLATED,
            14,
            7,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        guard begun == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        // What does not fit into less than the body is not wanted.
        var compressed = Data(count: body.count - 1)
        let isWhole = body.withUnsafeBufferPointer { input in
            compressed.withUnsafeMutableBytes { output in
                // zlib only reads from here.
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = uInt(input.count)
                stream.next_out = output.bindMemory(to: UInt8.self).baseAddress
                stream.avail_out = uInt(output.count)
                return deflate(&stream, Z_FINISH) == Z_STREAM_END
            }
        }
        return isWhole ? compressed.prefix(Int(stream.total_out)) : nil
    }
}
