package import Domain
import Hummingbird
import NIOCore
import Synchronization

/// A gateway that answers as told and remembers what it was asked.
package final class FakeGateway: Sendable {
    /// A request that came.
    package struct Request: Hashable, Sendable {
        package var method: String
        /// Path with query, still encoded.
        package var target: String
        package var body: JSONValue?
    }

    /// Decides what a request is answered.
    package typealias Responder = @Sendable (Request) async -> (status: Int, body: String)

    private let received = Mutex<[Request]>([])

    /// Everything that was asked, in order.
    package var requests: [Request] { received.withLock { $0 } }

    /// Serves on a free port of the loopback while `body` runs.
    package static func serving<Result: Sendable>(
        _ respond: @escaping Responder,
        _ body: (_ base: String, _ gateway: FakeGateway) async throws -> Result
    ) async throws -> Result {
        let gateway = FakeGateway()
        let responder = CallbackResponder { (request: HummingbirdRequest, _: BasicRequestContext) in
            await gateway.answer(request, respond)
        }
        return try await LoopbackServer.run(responder) { try await body("http://127.0.0.1:\($0)", gateway) }
    }

    private func answer(_ request: HummingbirdRequest, _ respond: Responder) async -> Response {
        let buffer = try? await request.body.collect(upTo: 8 << 20)
        let record = Request(
            method: request.method.rawValue,
            target: request.uri.description,
            body: buffer.flatMap { try? JSONValue(parsing: $0.readableBytesView) }
        )
        received.withLock { $0.append(record) }
        let (status, body) = await respond(record)
        return Response(status: .init(code: status), body: .init(byteBuffer: ByteBuffer(string: body)))
    }
}

typealias HummingbirdRequest = Hummingbird.Request
