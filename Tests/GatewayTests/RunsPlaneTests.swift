import Domain
import Foundation
import Hummingbird
import HummingbirdTesting
import NIOCore
import Scheduler
import Storage
import Synchronization
import Testing

@testable import Gateway

/// Sends one request and returns status and body.
func ask(
    _ gateway: Gateway,
    _ method: HTTPRequest.Method,
    _ uri: String,
    _ body: String? = nil,
    headers: HTTPFields = [:],
    on listener: ListenerKind = .main
) async throws -> TestResponse {
    try await gateway.application(for: listener, address: .hostname("127.0.0.1", port: 0)).test(.router) { client in
        try await client.execute(uri: uri, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }
}

@Suite("What runs may ask")
struct RunsPlaneTests {
    typealias Row = (method: HTTPRequest.Method, path: String, body: String?, status: Int, answer: String)

    private static let rows: [Row] = [
        (.post, "/locks/acquire", "null", 400, #"{"error":"invalid JSON body"}"#),
        (.post, "/locks/acquire", "{}", 400, #"{"error":"missing secret"}"#),
        (.post, "/locks/acquire", #"{"secret":"x"}"#, 400, #"{"error":"missing resourceKey"}"#),
        (.post, "/locks/acquire", #"{"secret":"x","resourceKey":5}"#, 400, #"{"error":"missing resourceKey"}"#),
        (.post, "/locks/acquire", #"{"secret":"x","resourceKey":"k","ttl":0}"#, 400, #"{"error":"invalid ttl"}"#),
        (.post, "/locks/acquire", #"{"secret":"x","resourceKey":"k"}"#, 403, #"{"error":"invalid secret"}"#),
        (.post, "/locks/acquire", #"{"secret":"s1","resourceKey":"k"}"#, 200, #"{"ok":true,"resourceKey":"k"}"#),
        (.post, "/locks/acquire", #"{"secret":"s1","resourceKey":"k","ttl":86401}"#, 400, #"{"error":"invalid ttl"}"#),
        (.post, "/locks/acquire", #"{"secret":"s1","resourceKey":"k","ttl":1.5}"#, 400, #"{"error":"invalid ttl"}"#),
        (
            .post, "/locks/acquire", #"{"secret":"s1","resourceKey":"k","ttl":null}"#, 200,
            #"{"ok":true,"resourceKey":"k"}"#
        ),
        (.post, "/locks/release", "[]", 400, #"{"error":"invalid JSON body"}"#),
        (.post, "/locks/release", "{}", 400, #"{"error":"missing secret"}"#),
        (.post, "/locks/release", #"{"secret":"x"}"#, 400, #"{"error":"missing resourceKey"}"#),
        (.post, "/locks/release", #"{"secret":"x","resourceKey":"k"}"#, 403, #"{"error":"invalid secret"}"#),
        (.post, "/locks/heartbeat", "1", 400, #"{"error":"invalid JSON body"}"#),
        (.post, "/locks/heartbeat", #"{"secret":7,"resourceKey":"k"}"#, 400, #"{"error":"missing secret"}"#),
        (.post, "/locks/heartbeat", #"{"secret":"x","resourceKey":""}"#, 400, #"{"error":"missing resourceKey"}"#),
        (.post, "/locks/heartbeat", #"{"secret":"x","resourceKey":"k","ttl":"1"}"#, 400, #"{"error":"invalid ttl"}"#),
        (.post, "/locks/heartbeat", #"{"secret":"x","resourceKey":"k"}"#, 403, #"{"error":"invalid secret"}"#),
        (.post, "/calls", "{}", 400, #"{"error":"missing secret"}"#),
        (.get, "/calls/c-1", nil, 400, #"{"error":"missing secret"}"#),
        (.get, "/calls/c-1?secret=x", nil, 403, #"{"error":"invalid secret"}"#),
        (.post, "/signals/status", #"{"text":"t"}"#, 400, #"{"error":"missing secret"}"#),
        (.post, "/signals/status", #"{"secret":"x"}"#, 400, #"{"error":"missing text"}"#),
        (.post, "/signals/rerun", "{}", 400, #"{"error":"missing secret"}"#),
        (.post, "/signals/return", "{}", 400, #"{"error":"missing secret"}"#),
        (.post, "/signals/return", #"{"secret":"x"}"#, 400, #"{"error":"missing value"}"#),
        (.post, "/signals/trigger", #"{"secret":"x"}"#, 400, #"{"error":"missing targetAgent"}"#),
        (.post, "/shutdown", "{}", 400, #"{"error":"missing secret"}"#),
        (.get, "/shutdown", nil, 405, #"{"error":"method not allowed"}"#),
        (.post, "/locks/release", #"{"secret":"s1","resourceKey":"k"}"#, 200, #"{"ok":true}"#),
        (
            .post, "/locks/heartbeat", #"{"secret":"s1","resourceKey":"k"}"#, 200,
            #"{"ok":true,"expiresAt":1710701800000}"#
        ),
        (.get, "/locks/list", nil, 400, #"{"error":"missing secret"}"#),
        (.get, "/locks/list?secret=x", nil, 403, #"{"error":"invalid secret"}"#),
        (
            .get, "/locks/list?secret=s1", nil, 200,
            #"[{"resourceKey":"k","holder":"dev-a1b2c3d4","heldSince":1000,"expiresAt":1000}]"#
        ),
        (.get, "/locks/list?secret=s2", nil, 200, "[]"),
        (.post, "/calls", #"{"secret":"s1"}"#, 400, #"{"error":"missing targetAgent"}"#),
        (.post, "/calls", #"{"secret":"s1","targetAgent":"ops"}"#, 400, #"{"error":"missing context"}"#),
        (.post, "/calls", #"{"secret":"x","targetAgent":"ops","context":""}"#, 403, #"{"error":"invalid secret"}"#),
        (.post, "/calls", #"{"secret":"s1","targetAgent":"ops","context":""}"#, 200, #"{"ok":true,"callId":"c-1"}"#),
        (.get, "/calls/c-1?secret=s1", nil, 404, #"{"error":"call not found"}"#),
        (.post, "/signals/status", #"{"secret":"s1","text":""}"#, 400, #"{"error":"missing text"}"#),
        (.post, "/signals/status", #"{"secret":"s1","text":"on it"}"#, 200, #"{"ok":true}"#),
        (.post, "/signals/rerun", #"{"secret":"x"}"#, 403, #"{"error":"invalid secret"}"#),
        (.post, "/signals/rerun", #"{"secret":"s1"}"#, 200, #"{"ok":true}"#),
        (.post, "/signals/return", #"{"secret":"s1","value":null}"#, 400, #"{"error":"missing value"}"#),
        (.post, "/signals/return", #"{"secret":"s1","value":{"a":1}}"#, 200, #"{"ok":true}"#),
        (
            .post, "/signals/trigger", #"{"secret":"s1","targetAgent":"o","context":""}"#, 400,
            #"{"error":"missing context"}"#
        ),
        (.post, "/signals/trigger", #"{"secret":"s1","targetAgent":"o","context":"c"}"#, 200, #"{"ok":true}"#),
        (.post, "/shutdown", #"{"secret":"s1"}"#, 200, #"{"killed":true,"container":"al-dev-a1b2c3d4"}"#),
        (.get, "/credentials/x", nil, 403, #"{"error":"invalid secret"}"#),
        (.get, "/credentials/s1", nil, 404, #"{"error":"not found"}"#),
        (.get, "/credentials/s1/model", nil, 200, #"{"anthropic_key":{"default":{"token":"t"}}}"#),
        (.put, "/locks/acquire", "{}", 405, #"{"error":"method not allowed"}"#),
        (.get, "/nothing", nil, 404, #"{"error":"not found"}"#),
        (.get, "/health", nil, 200, #"{"status":"ok"}"#),
    ]

    @Test("15.1 each request has its status and body on both listeners", arguments: rows)
    func table(row: Row) async throws {
        for listener in [ListenerKind.main, .agents] {
            let response = try await ask(try Bench().gateway(), row.method, row.path, row.body, on: listener)
            #expect(response.status.code == row.status)
            #expect(response.text == row.answer)
            #expect(response.headers[.contentType] == "application/json")
        }
    }

    @Test("15.1 refused locks say who holds them")
    func conflicts() async throws {
        let bench = Bench()
        let gateway = try bench.gateway()
        let other = try #require(ops)
        let order = #"{"secret":"s1","resourceKey":"k"}"#
        let held = LockAnswer.heldByOther(other, since: Date(timeIntervalSince1970: 1_710_700_000))
        let rows: [(LockAnswer, String, Int, String)] = [
            (held, "acquire", 409, #"{"ok":false,"holder":"ops-00000001","heldSince":1710700000000}"#),
            (
                .holdsAnother(key: "k2"), "acquire", 409,
                #"{"ok":false,"reason":"already holding lock on k2 — release it first"}"#
            ),
            (held, "release", 409, #"{"ok":false,"reason":"held by ops-00000001"}"#),
            (.notFound, "release", 404, #"{"ok":false,"reason":"lock not found"}"#),
            (held, "heartbeat", 409, #"{"ok":false,"reason":"held by ops-00000001"}"#),
            (.notFound, "heartbeat", 404, #"{"ok":false,"reason":"lock not found"}"#),
        ]
        for (answer, path, status, body) in rows {
            bench.planes.set { $0.lock = answer }
            let response = try await ask(gateway, .post, "/locks/\(path)", order)
            #expect(response.status.code == status)
            #expect(response.text == body)
        }
        let long = String(repeating: "k", count: 1025)
        let response = try await ask(gateway, .post, "/locks/acquire", #"{"secret":"x","resourceKey":"\#(long)"}"#)
        #expect(response.text == #"{"error":"resourceKey longer than 1024 bytes"}"#)
    }

    @Test("15.1 calls: states, refusals, long poll, secret in the header")
    func calls() async throws {
        let bench = Bench()
        let gateway = try bench.gateway()
        let run = try #require(dev)
        let order = #"{"secret":"s1","targetAgent":"x","context":"c"}"#
        bench.planes.set { $0.callFailure = RefusalError(code: .notFound, reason: "agent x not found") }
        var response = try await ask(gateway, .post, "/calls", order)
        #expect(response.status.code == 409)
        #expect(response.text == #"{"ok":false,"reason":"agent x not found"}"#)
        var record = CallRecord(
            id: "c",
            caller: run,
            target: run.agent,
            depth: 1,
            state: .completed,
            createdAt: Date(timeIntervalSince1970: 0),
            returnValue: "v"
        )
        bench.planes.set { $0.call = record }
        response = try await ask(gateway, .get, "/calls/c?wait=600", headers: [.authorization: "Bearer s1"])
        #expect(response.text == #"{"status":"completed","returnValue":"v"}"#)
        #expect(bench.planes.state.withLock { $0.orders.last } == "look c \(Duration.seconds(60))")
        record.errorMessage = "it failed"
        let states: [(CallState, String)] = [
            (.pending, #"{"status":"pending"}"#), (.running, #"{"status":"running"}"#),
            (.error, #"{"status":"error","errorMessage":"it failed"}"#),
        ]
        for (state, text) in states {
            record.state = state
            bench.planes.set { [record] in $0.call = record }
            response = try await ask(gateway, .get, "/calls/c?secret=s1")
            #expect(response.status.code == 200)
            #expect(response.text == text)
        }
    }

    @Test("of a status and of a reason the beginning is kept, however much one character is made of")
    func longWords() async throws {
        let bench = Bench()
        let gateway = try bench.gateway()
        let tower = "e" + String(repeating: "\u{301}", count: 5000)
        let status: JSONValue = ["secret": "s1", "text": .string(tower)]
        #expect(try await ask(gateway, .post, "/signals/status", status.compactText).status.code == 200)
        let reason: JSONValue = ["secret": "s1", "reason": .string(String(repeating: "r", count: 5000))]
        #expect(try await ask(gateway, .post, "/shutdown", reason.compactText).status.code == 200)
        let orders = bench.planes.state.withLock { $0.orders }
        #expect(orders.first?.unicodeScalars.count == "status ".count + 500)
        #expect(orders.last?.count == "shutdown ".count + 500)
        #expect(bench.lines.value.allSatisfy { $0.fields.compactText.utf8.count < 1000 })
    }

    @Test(
        "texts of up to 1 MiB are taken however long JSON makes them; a longer context is refused, a longer return value is not",
        arguments: ["/calls", "/signals/trigger", "/signals/return"]
    )
    func longTexts(path: String) async throws {
        let gateway = try Bench().gateway()
        func send(_ text: String) async throws -> Int {
            let body: JSONValue = [
                "secret": "s1", "targetAgent": "ops", "context": .string(text), "value": .string(text),
            ]
            return try await ask(gateway, .post, path, body.compactText).status.code
        }
        let quotes = String(repeating: "\"", count: path == "/signals/return" ? 1 << 20 : 1 << 19)
        #expect(try await send(quotes) == 200)
        let long = String(repeating: "y", count: (1 << 20) + 1)
        let status: JSONValue = ["secret": "s1", "text": .string(long)]
        #expect(try await ask(gateway, .post, "/signals/status", status.compactText).status.code == 413)
        #expect(try await send(long) == (path == "/signals/return" ? 200 : 413))
    }

    @Test("model keys are given out once, and no secret is logged")
    func modelKeysOnce() async throws {
        let bench = Bench()
        let gateway = try bench.gateway()
        #expect(try await ask(gateway, .get, "/credentials/s1/model").status.code == 200)
        let second = try await ask(gateway, .get, "/credentials/s1/model")
        #expect(second.status.code == 410)
        #expect(second.text == #"{"error":"already fetched"}"#)
        _ = try await ask(gateway, .get, "/credentials/s1/other/s1")
        _ = try await ask(gateway, .get, "/locks/list?secret=s1")
        #expect(bench.lines.value.count == 4)
        #expect(!bench.lines.value.contains { $0.fields.compactText.contains("s1") })
    }

    @Test("the agent listener serves nothing but what runs need")
    func agentListener() async throws {
        let gateway = try Bench().gateway()
        let key: HTTPFields = [.authorization: "Bearer key"]
        for path in [
            "/control/status", "/locks/status", "/dashboard", "/login", "/api/logs/scheduler", "/webhooks/test",
        ] {
            #expect(try await ask(gateway, .get, path, headers: key, on: .agents).status.code == 404)
        }
    }

    @Test("an exposed gateway gives keys out at the door for runs only")
    func exposedKeys() async throws {
        let gateway = try Bench().gateway(.init(port: 0, isExposed: true, agentAddress: "127.0.0.2"))
        #expect(try await ask(gateway, .get, "/credentials/s1/model").status.code == 404)
        #expect(try await ask(gateway, .get, "/credentials/s1/model", on: .agents).status.code == 200)
    }
}
