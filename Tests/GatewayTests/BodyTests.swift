import Domain
import Hummingbird
import HummingbirdTesting
import TestSupport
import Testing

@testable import Gateway

@Suite("Bodies of requests", .timeLimit(.minutes(5)))
struct BodyTests {
    /// A request with a body that comes as the sequence tells.
    private func call(
        _ body: AsyncThrowingStream<ByteBuffer, any Error>,
        clock: any Clock<Duration> = InstantClock()
    ) -> GatewayRequest {
        let head = HTTPRequest(method: .post, scheme: "http", authority: "localhost", path: "/webhooks/test")
        return GatewayRequest(
            request: Request(head: head, body: .init(asyncSequence: body)),
            parameters: [:],
            declaredLength: nil,
            peer: nil,
            trustedProxies: [],
            listener: .main,
            disconnect: {},
            isStillOperator: { true },
            bodies: BodyMemory(),
            clock: clock
        )
    }

    @Test("one that breaks off cannot be read")
    func broken() async throws {
        struct Broken: Error {}
        let body = AsyncThrowingStream<ByteBuffer, any Error> { $0.finish(throwing: Broken()) }
        let rejection = await #expect(throws: Rejection.self) { try await call(body).body(limit: 1 << 20) }
        #expect(rejection?.status == .badRequest)
        #expect(rejection?.body == ["error": "failed to read request body"])
    }

    @Test("a long one whose bytes come too slowly is given up, and what it held is given back")
    func slow() async throws {
        let clock = TestClock()
        let part = ByteBuffer(repeating: UInt8(ascii: " "), count: BodyMemory.uncounted)
        let body = AsyncThrowingStream<ByteBuffer, any Error>(unfolding: {
            clock.advance(by: .seconds(25))
            return part
        })
        let call = call(body, clock: clock)
        let rejection = await #expect(throws: Rejection.self) { try await call.body(limit: 1 << 20) }
        #expect(rejection?.status == .requestTimeout)
        #expect(call.bodies.take(BodyMemory.clientLimit, for: "unknown"))
    }

    @Test("all together hold so much and no more, one client half of it")
    func memory() {
        let memory = BodyMemory()
        #expect(memory.take(BodyMemory.clientLimit, for: "a"))
        #expect(!memory.take(1, for: "a"))
        #expect(memory.take(BodyMemory.clientLimit, for: "b"))
        #expect(!memory.take(1, for: "c"))
        memory.giveBack(1, of: "a")
        #expect(memory.take(1, for: "c"))
    }

    @Test("a large one for which there is no room is refused, a small one never")
    func room() async throws {
        let application = try Bench().gateway()
        let responder = application.responder(for: .main)
        let taken = BodyMemory.clientLimit - (1 << 20)
        #expect(responder.bodies.take(taken, for: "unknown"))
        let large = String(repeating: " ", count: 2 << 20) + "{}"
        let refused = try await ask(application, .post, "/webhooks/test", large)
        #expect(refused.status.code == 503)
        #expect(refused.headers[.retryAfter] == "30")
        #expect(try await ask(application, .post, "/webhooks/test", "{}").status.code == 200)
        responder.bodies.giveBack(taken, of: "unknown")
        #expect(try await ask(application, .post, "/webhooks/test", large).status.code == 200)
        #expect(responder.bodies.take(BodyMemory.clientLimit, for: "unknown"))
    }
}
