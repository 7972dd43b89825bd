import Synchronization

/// Cuts a stream of bytes into lines; of a line no more is kept than the log can show.
final class LineSplitter: Sendable {
    private static let newline = UInt8(ascii: "\n")
    /// One more than fits, so that the log sees that it has to cut.
    private static let limit = RunLog.lineLimit + 1

    private let pending = Mutex<[UInt8]>([])
    private let onLine: @Sendable (String) -> Void

    init(onLine: @escaping @Sendable (String) -> Void) { self.onLine = onLine }

    func append(_ bytes: [UInt8]) {
        pending.withLock { pending in
            var rest = bytes[...]
            while let end = rest.firstIndex(of: Self.newline) {
                Self.add(rest[..<end], to: &pending)
                onLine(String(decoding: pending, as: UTF8.self))
                pending.removeAll(keepingCapacity: true)
                rest = rest[(end + 1)...]
            }
            Self.add(rest, to: &pending)
        }
    }

    /// Takes what came last for a line, if anything did.
    func finish() {
        pending.withLock { pending in
            if !pending.isEmpty { onLine(String(decoding: pending, as: UTF8.self)) }
            pending = []
        }
    }

    private static func add(_ bytes: ArraySlice<UInt8>, to line: inout [UInt8]) {
        line += bytes.prefix(max(0, limit - line.count))
    }
}
