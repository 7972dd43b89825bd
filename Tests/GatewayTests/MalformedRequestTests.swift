import TestSupport
import Testing

@testable import Gateway

@Suite("Malformed requests", .timeLimit(.minutes(5)))
struct MalformedRequestTests {
    /// Requests of each kind; `Scripts/malformed` sends ten thousand to the real program.
    private static let count = 12
    /// Connections at once.
    private static let width = 8

    @Test(
        "none crashes the gateway, and none is answered with a failure of the server",
        arguments: MalformedRequest.Kind.allCases
    )
    func survive(kind: MalformedRequest.Kind) async throws {
        let bench = Bench()
        try await serving(bench) { port async throws -> Void in
            var generator = SeededGenerator(state: 4)
            let requests = (0..<Self.count).map { _ in MalformedRequest(kind, using: &generator) }
            try await withThrowingTaskGroup(of: [Int].self) { group in
                for (index, request) in requests.enumerated() {
                    if index >= Self.width { expectHarmless(try await group.next() ?? [], kind) }
                    group.addTask {
                        RawConnection.statuses(in: try await RawConnection.exchange(port: port, request.chunks))
                    }
                }
                for try await statuses in group { expectHarmless(statuses, kind) }
            }
            let health = "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            let alive = try await RawConnection.exchange(port: port, [Array(health.utf8)])
            #expect(RawConnection.statuses(in: alive) == [200])
        }
        #expect(!bench.lines.value.contains { $0.level == .error })
    }

    private func expectHarmless(_ statuses: [Int], _ kind: MalformedRequest.Kind) {
        #expect(statuses.allSatisfy { $0 < 500 }, "\(kind): \(statuses)")
    }

    @Test("a head beyond 64 KiB is refused, one below is served")
    func headLimit() async throws {
        try await serving(Bench()) { port async throws -> Void in
            for (size, expected) in [(60 << 10, 200...200), (70 << 10, 400...499)] {
                let filler = String(repeating: "x", count: size)
                let head = "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Filler: \(filler)\r\n\r\n"
                let answer = try await RawConnection.exchange(port: port, [Array(head.utf8)])
                #expect(RawConnection.statuses(in: answer).allSatisfy(expected.contains), "\(size)")
                if expected.contains(200) { #expect(!answer.isEmpty) }
            }
        }
    }

    @Test("15.8 a body that says it is too large is refused before it is sent")
    func refusedEarly() async throws {
        try await serving(Bench()) { port async throws -> Void in
            let head =
                "POST /webhooks/test HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 10485761\r\n\r\n"
            let answer = try await RawConnection.exchange(port: port, [Array(head.utf8)])
            #expect(RawConnection.statuses(in: answer) == [413])
        }
    }

    @Test("pipelined requests are answered in their order")
    func pipelined() async throws {
        try await serving(Bench()) { port async throws -> Void in
            let paths = ["/health", "/nothing", "/control/status", "/health"]
            let requests = paths.map { "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined()
            let answer = try await RawConnection.exchange(port: port, [Array(requests.utf8)])
            #expect(RawConnection.statuses(in: answer) == [200, 404, 401, 200])
        }
    }
}
