import CZstd
import FoundationEssentials

/// What a delivery said, as it is stored: its body and, behind it, the context that was made of it.
///
/// They are compressed together, unless that makes them no smaller, because the context repeats what the body says. Deliveries of
/// earlier versions have a body only.
struct StoredContent: Sendable {
    /// The column `form`.
    enum Form: Int, Sendable {
        case asReceived = 0
        /// RFC 8878.
        case zstd = 1
    }

    /// Bytes from which on compressing gains anything.
    private static let worthwhile = 256
    /// Bytes up to which contents are compressed; a length beyond it is that of a damaged one.
    ///
    /// A body has 10 MiB at most, but each of its bytes may be six of the context, and that several times.
    private static let most = 64 << 20

    let form: Form
    let bytes: Data

    /// Compresses; what is too short to be worth it stays as it is.
    init(body: [UInt8], context: String?) {
        var content = body
        if let context {
            content.reserveCapacity(body.count + context.utf8.count)
            content.append(contentsOf: context.utf8)
        }
        let compressed = (Self.worthwhile...Self.most).contains(content.count) ? Compressor.compress(content) : nil
        form = compressed == nil ? .asReceived : .zstd
        bytes = compressed ?? Data(content)
    }

    /// Takes what was stored.
    init(form: Form, bytes: Data) {
        self.form = form
        self.bytes = bytes
    }

    /// Restores what was stored.
    ///
    /// - Parameter bodyBytes: bytes that the body had.
    /// - Returns: the body as it came, and the text of the context if there is one; `nil` when it is damaged.
    func received(bodyBytes: Int) -> (body: ArraySlice<UInt8>, context: String?)? {
        guard let content = content(), content.count >= bodyBytes else { return nil }
        guard content.count > bodyBytes else { return (content[...], nil) }
        guard let context = String(validating: content[bodyBytes...], as: UTF8.self) else { return nil }
        return (content[..<bodyBytes], context)
    }

    private func content() -> [UInt8]? {
        guard form == .zstd else { return Array(bytes) }
        let count = bytes.withUnsafeBytes { ZSTD_getFrameContentSize($0.baseAddress, $0.count) }
        // Errors are numbers that no length reaches.
        guard count <= UInt64(Self.most) else { return nil }
        var isWhole = false
        let content = [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, initialized in
            let written = bytes.withUnsafeBytes {
                ZSTD_decompress(buffer.baseAddress, buffer.count, $0.baseAddress, $0.count)
            }
            isWhole = written == Int(count)
            initialized = isWhole ? written : 0
        }
        return isWhole ? content : nil
    }
}
