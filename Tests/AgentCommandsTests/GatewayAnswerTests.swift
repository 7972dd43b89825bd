import Domain
import Foundation
import TestSupport
import Testing

@Suite("In-run commands and the answers of the gateway")
struct GatewayAnswerTests {
    static let codes: [(status: Int, code: Int32)] = [
        (200, 0), (409, 1), (404, 2), (403, 3), (400, 4), (413, 4), (503, 5), (410, 7), (502, 10), (504, 11), (500, 12),
    ]

    @Test("Every status has its exit code, and the answer is relayed", arguments: codes)
    func exitCodes(_ status: Int, _ code: Int32) async throws {
        let body = #"{"ok":false,"holder":"dev-a1b2c3d4","heldSince":1710700000000}"#
        try await FakeGateway.serving({ _ in (status, body) }) { base, _ in
            let fixture = CommandFixture(gateway: base)
            defer { fixture.clean() }
            for (name, argument) in [
                ("rlock", "k"), ("runlock", "k"), ("rlock-heartbeat", "k"), ("al-call", "dev"), ("al-check", "id"),
            ] {
                let outcome = try await fixture.run(name, argument)
                #expect(outcome == .init(code: code, line: body), "\(name)")
            }
            let shutdown = try await fixture.run("al-shutdown", "leak")
            #expect(shutdown == .init(code: 0, line: body))
            for (name, argument) in [("al-status", "x"), ("al-return", "x")] {
                let outcome = try await fixture.run(name, argument)
                #expect(outcome == .init(code: 0, line: #"{"ok":true}"#), "\(name)")
            }
        }
    }

    @Test("An answer that is no JSON is replaced by valid JSON")
    func notJSON() async throws {
        try await FakeGateway.serving({ _ in (502, "<html>Bad gateway</html>") }) { base, _ in
            let fixture = CommandFixture(gateway: base)
            let lock = try await fixture.run("rlock", "k")
            #expect(lock == .init(code: 10, line: #"{"ok":false,"reason":"unexpected answer (HTTP 502)"}"#))
            let check = try await fixture.run("al-check", "id")
            #expect(check.line == #"{"status":"error","errorMessage":"unexpected answer (HTTP 502)"}"#)
        }
    }

    @Test("A gateway that cannot be reached gives code 6 and valid JSON")
    func refused() async throws {
        // The port was free a moment ago and nobody listens on it.
        let dead = try await FakeGateway.serving({ _ in (200, "{}") }) { base, _ in base }
        let fixture = CommandFixture(gateway: dead)
        defer { fixture.clean() }
        let unreachable = #"{"ok":false,"reason":"gateway unreachable"}"#
        for (name, argument) in [("rlock", "k"), ("runlock", "k"), ("rlock-heartbeat", "k"), ("al-call", "dev")] {
            expectSame(try await fixture.run(name, argument), .init(code: 6, line: unreachable))
        }
        expectSame(
            try await fixture.run("al-check", "id"),
            .init(code: 6, line: #"{"status":"error","errorMessage":"gateway unreachable"}"#)
        )
        expectSame(try await fixture.run("al-shutdown"), .init(code: 0, line: unreachable))
        expectSame(try await fixture.run("al-status", "still said"), .init(code: 0, line: #"{"ok":true}"#))
        #expect(fixture.signal("status") == "still said")
        let wait = try await fixture.run("al-wait", "a", "--timeout", "0")
        #expect(wait == .init(code: 8, line: #"{"a":{"status":"pending"}}"#))
    }

    @Test("Usage errors are found before any request")
    func usage() async throws {
        try await FakeGateway.serving({ _ in (200, "{}") }) { base, gateway in
            let fixture = CommandFixture(gateway: base)
            expectSame(
                try await fixture.run("rlock"),
                .init(code: 9, line: #"{"ok":false,"error":"usage: rlock <resourceKey>"}"#)
            )
            expectSame(
                try await fixture.run("al-call"),
                .init(code: 9, line: #"{"ok":false,"reason":"usage: echo ctx | al-call <agent>"}"#)
            )
            expectSame(
                try await fixture.run("al-check"),
                .init(code: 9, line: #"{"status":"error","errorMessage":"usage: al-check <callId>"}"#)
            )
            let wait = #"{"error":"usage: al-wait <callId> [callId...] [--timeout N]"}"#
            expectSame(try await fixture.run("al-wait"), .init(code: 9, line: wait))
            expectSame(try await fixture.run("al-wait", "a", "--timeout", "soon"), .init(code: 9, line: wait))
            expectSame(try await fixture.run("al-wait", "a", "--timeout=-1"), .init(code: 9, line: wait))
            let status = try await fixture.run("al-status")
            #expect(status.code == 9)
            #expect(gateway.requests.isEmpty)
        }
    }

    @Test(
        "Of a return value that is too long so much is sent that the gateway sees it, in whole characters",
        arguments: [("y", 1 << 20, 1 << 20), ("y", 3_000_000, 1_114_112), ("yü", 1 << 20, 1_114_113)]
    )
    func longReturnValue(_ character: String, _ count: Int, _ sent: Int) async throws {
        let value = String(repeating: character, count: count)
        try await FakeGateway.serving({ _ in (200, #"{"ok":true}"#) }) { base, gateway in
            let fixture = CommandFixture(gateway: base)
            defer { fixture.clean() }
            _ = try await fixture.run("al-return", stdin: value)
            #expect(fixture.signal("return") == value)
            let body = try #require(gateway.requests.first?.body)
            let text = try #require(body["value"]?.stringValue)
            #expect(text.utf8.count == sent && value.hasPrefix(text))
            #expect(body["truncated"]?.boolValue == (sent < value.utf8.count ? true : nil))
        }
    }

    @Test("Arguments reach the gateway unharmed by quotes, backslashes and umlauts")
    func quoting() async throws {
        let text = "say \"hi\" \\ ü"
        try await FakeGateway.serving({ _ in (200, #"{"ok":true}"#) }) { base, gateway in
            let fixture = CommandFixture(gateway: base + "/")
            defer { fixture.clean() }
            _ = try await fixture.run("rlock", text)
            _ = try await fixture.run("al-status", text)
            _ = try await fixture.run("al-return", text, text)
            _ = try await fixture.run("al-shutdown", text)
            _ = try await fixture.run("al-call", "dev", stdin: text + "\n")
            _ = try await fixture.run("al-check", "a/b ü")
            let requests = gateway.requests
            #expect(requests.map(\.method) == ["POST", "POST", "POST", "POST", "POST", "GET"])
            #expect(
                requests.map(\.target) == [
                    "/locks/acquire", "/signals/status", "/signals/return", "/shutdown", "/calls",
                    "/calls/a%2Fb%20%C3%BC?secret=s%26cret",
                ]
            )
            #expect(requests[0].body == ["secret": "s&cret", "resourceKey": .string(text)])
            #expect(requests[1].body?["text"] == .string(text))
            #expect(requests[2].body?["value"] == .string("\(text) \(text)"))
            #expect(requests[3].body?["reason"] == .string(text))
            #expect(
                requests[4].body == ["secret": "s&cret", "targetAgent": "dev", "context": .string(text + "\n")]
            )
        }
    }
}
