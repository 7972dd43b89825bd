import Synchronization

/// The last words of a child on standard error.
package final class ErrorTail: Sendable {
    private static let limit = 2 << 10

    private let bytes = Mutex<[UInt8]>([])

    /// Nothing was said yet.
    package init() {}

    /// Adds what came; only the last 2 KiB are kept.
    package func append(_ more: [UInt8]) { bytes.withLock { $0 = Array(($0 + more).suffix(Self.limit)) } }

    /// What is kept.
    package var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }
}
