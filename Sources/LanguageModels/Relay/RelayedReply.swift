import AsyncHTTPClient
package import Domain
package import NIOCore
import NIOHTTP1
import Synchronization

/// An answer of a model's server on its way to a run.
package struct RelayedReply: Sendable {
    /// Most bytes of an error answer that are passed on.
    private static let errorLimit = 64 << 10

    /// HTTP status.
    package let status: Int
    package let headers: [(String, String)]
    /// To be read once; what passes is counted.
    package let body: any AsyncSequence<ByteBuffer, any Error> & Sendable
    private let meter: CountedReply

    init(_ response: HTTPClientResponse, key: String?, meter: any ReplyMeter) async throws {
        let meter = CountedReply(meter)
        status = Int(response.status.code)
        headers = response.headers.filter { !ModelRelay.ownToTheConnection.contains($0.name.lowercased()) }
            .map { ($0.name, $0.value) }
        self.meter = meter
        if (200..<300).contains(status) {
            body = response.body.map { bytes in
                meter.read(bytes)
                return bytes
            }
        } else {
            let error = try await Self.error(response.body, without: key)
            body = AsyncThrowingStream { continuation in
                continuation.yield(error)
                continuation.finish()
            }
        }
    }

    /// What the provider has counted in that part of the body which has passed.
    package var usage: TokenUsage? { meter.usage }
    /// Whether the reply is complete, so that nobody needs to wait for the connection's end.
    package var isOver: Bool { meter.isOver }

    /// Some servers repeat the key that they refuse.
    private static func error(_ body: HTTPClientResponse.Body, without key: String?) async throws -> ByteBuffer {
        var bytes: [UInt8] = []
        for try await part in body where bytes.count < Self.errorLimit { bytes += part.readableBytesView }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let key, key.count >= 8 else { return ByteBuffer(string: text) }
        return ByteBuffer(string: text.replacing(key, with: "***"))
    }
}

/// A meter that the reader of a body and whoever wants to know the sum share.
private final class CountedReply: Sendable {
    private let meter: Mutex<any ReplyMeter>

    init(_ meter: any ReplyMeter) { self.meter = Mutex(meter) }

    var usage: TokenUsage? { meter.withLock { $0.usage } }
    var isOver: Bool { meter.withLock { $0.isOver } }

    func read(_ bytes: ByteBuffer) { meter.withLock { $0.read(bytes) } }
}
