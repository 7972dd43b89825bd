import Domain
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite("al-wait")
struct WaitTests {
    @Test("Finished calls are returned in the order of the arguments after one look without waiting")
    func finished() async throws {
        try await FakeGateway.serving({ request in
            request.target.contains("/b?")
                ? (200, #"{"status":"error","errorMessage":"no"}"#)
                : (200, #"{"status":"completed","returnValue":"x \"y\""}"#)
        }) { base, gateway in
            let outcome = try await CommandFixture(gateway: base).run("al-wait", "c", "b", "a")
            #expect(outcome.code == 0)
            #expect(
                outcome.line
                    == #"{"c":{"status":"completed","returnValue":"x \"y\""},"b":{"status":"error","errorMessage":"no"},"#
                    + #""a":{"status":"completed","returnValue":"x \"y\""}}"#
            )
            #expect(gateway.requests.count == 3)
            #expect(gateway.requests.allSatisfy { !$0.target.contains("wait=") })
        }
    }

    @Test("An open call is asked again with long polling, through failures, until it is over")
    func longPoll() async throws {
        let count = Mutex(0)
        try await FakeGateway.serving({ _ in
            switch count.withLock({
                $0 += 1; return $0
            }) {
            case 1: (200, #"{"status":"running"}"#)
            case 2: (503, "oops")
            default: (200, #"{"status":"completed"}"#)
            }
        }) { base, gateway in
            let outcome = try await CommandFixture(gateway: base).run("al-wait", "a", "--timeout", "100")
            #expect(outcome == .init(code: 0, line: #"{"a":{"status":"completed"}}"#))
            #expect(gateway.requests.count == 3)
            #expect(gateway.requests[1].target == "/calls/a?secret=s%26cret&wait=30")
        }
    }

    @Test("At the deadline the last known state is shown with code 8")
    func deadline() async throws {
        try await FakeGateway.serving({ _ in (200, #"{"status":"running"}"#) }) { base, _ in
            let outcome = try await CommandFixture(gateway: base).run("al-wait", "a", "--timeout=1")
            #expect(outcome == .init(code: 8, line: #"{"a":{"status":"running"}}"#))
        }
    }

    @Test("403 comes before 404, and 404 before an open call")
    func order() async throws {
        try await FakeGateway.serving({ request in
            if request.target.contains("/forbidden?") { return (403, #"{"error":"invalid secret"}"#) }
            if request.target.contains("/unknown?") { return (404, #"{"error":"call not found"}"#) }
            return (200, #"{"status":"pending"}"#)
        }) { base, _ in
            let fixture = CommandFixture(gateway: base)
            let all = try await fixture.run("al-wait", "open", "unknown", "forbidden", "--timeout", "0")
            #expect(all.code == 3)
            let two = try await fixture.run("al-subagent-wait", "--timeout", "0", "open", "unknown")
            #expect(
                two
                    == .init(
                        code: 2,
                        line:
                            #"{"open":{"status":"pending"},"unknown":{"status":"error","errorMessage":"call not found"}}"#
                    )
            )
        }
    }
}
