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

    /// Bytes from which on compressing gains anything.
    private static let worthwhile = 256

    let form: Form
    let bytes: Data

    /// Compresses a body; one that is too short to be worth it stays as it is.
    init(_ body: [UInt8]) {
        let compressed = body.count < Self.worthwhile ? nil : Compressor.compress(body)
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
}
