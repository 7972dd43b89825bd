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
        let responder = CallbackResponder { (request: HummingbirdRequest, context: ConnectionContext) in
            await scheduler.answer(request, on: context.channel)
        }
        try await LoopbackServer.run(responder) { try await body($0, scheduler) }
    }

    private func answer(_ request: HummingbirdRequest, on connection: any Channel) async -> Response {
        let buffer = try? await request.body.collect(upTo: 1 << 20)
        let record = Request(
            method: request.method.rawValue,
            target: request.uri.description,
            body: buffer.flatMap { try? JSONValue(parsing: $0.readableBytesView) },
            authorization: request.headers[.authorization]
        )
        received.withLock { $0.append(record) }
        let (status, body) = respond(record)
        // Status -1: it hangs up without an answer.
        if status == -1 { try? await connection.close() }
        // The body of a redirection is where it leads.
        let headers: HTTPFields = (300..<400).contains(status) ? [.location: body] : [:]
        // Status 0: it goes away in the middle of its answer.
        guard status > 0 else { return Response(status: .ok, body: ResponseBody { _ in throw CancellationError() }) }
        let content = ResponseBody(byteBuffer: ByteBuffer(string: body))
        return Response(status: .init(code: status), headers: headers, body: content)
    }
}

/// A request's context that knows its connection.
private struct ConnectionContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

typealias HummingbirdRequest = Hummingbird.Request
