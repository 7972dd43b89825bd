import Domain
import Hummingbird
import NIOCore
import Synchronization
import TestSupport

/// A gateway that answers as told and remembers what it was asked.
final class FakeScheduler: Sendable {
    struct Request: Hashable, Sendable {
        var method: String
        /// Path with query, still encoded.
        var target: String
        var body: JSONValue?
        var authorization: String?
    }

    private let received = Mutex<[Request]>([])
    private let respond: @Sendable (Request) -> (status: Int, body: String)

    /// What it was asked.
    var requests: [Request] { received.withLock { $0 } }

    private init(_ respond: @escaping @Sendable (Request) -> (status: Int, body: String)) { self.respond = respond }

    /// Serves on a free port of the loopback while `body` runs.
    static func serving(
        _ respond: @escaping @Sendable (Request) -> (status: Int, body: String),
        _ body: (_ port: Int, _ scheduler: FakeScheduler) async throws -> Void
    ) async throws {
        let scheduler = FakeScheduler(respond)
        let responder = CallbackResponder { (request: HummingbirdRequest, _: BasicRequestContext) in
            await scheduler.answer(request)
        }
        try await LoopbackServer.run(responder) { try await body($0, scheduler) }
    }

    private func answer(_ request: HummingbirdRequest) async -> Response {
        let buffer = try? await request.body.collect(upTo: 1 << 20)
        let record = Request(
            method: request.method.rawValue,
            target: request.uri.description,
            body: buffer.flatMap { try? JSONValue(parsing: $0.readableBytesView) },
            authorization: request.headers[.authorization]
        )
        received.withLock { $0.append(record) }
        let (status, body) = respond(record)
        // The body of a redirection is where it leads.
        let headers: HTTPFields = (300..<400).contains(status) ? [.location: body] : [:]
        // Status 0: it goes away in the middle of its answer.
        guard status != 0 else { return Response(status: .ok, body: ResponseBody { _ in throw CancellationError() }) }
        let content = ResponseBody(byteBuffer: ByteBuffer(string: body))
        return Response(status: .init(code: status), headers: headers, body: content)
    }
}

typealias HummingbirdRequest = Hummingbird.Request
