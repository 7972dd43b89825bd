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

@Suite("What senders may send")
struct WebhookRouteTests {
    @Test("each failure has its status and body, in this order")
    func failures() async throws {
        let bench = Bench()
        bench.planes.set { $0.sources["g"] = .init(type: "github", credential: "a") }
        bench.secrets.change { $0 = ["a": "s"] }
        let gateway = try bench.gateway()
        let form: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]
        let rows: [(String, String, HTTPFields, Int, String)] = [
            ("/webhooks/x", "{}", [:], 404, "unknown webhook source: x"),
            ("/webhooks/linear", "{}", [:], 404, "unknown webhook source: linear"),
            ("/webhooks/github/t", "{}", [:], 404, "unknown webhook source: t"),
            ("/webhooks/github", "no json", [:], 401, "signature validation failed"),
            ("/webhooks/test", "no json", [:], 400, "invalid JSON body"),
            ("/webhooks/test", "[]", [:], 400, "invalid JSON body"),
            ("/webhooks/test", "a=b", form, 400, "missing payload in form body"),
        ]
        for (path, body, headers, status, text) in rows {
            let response = try await ask(gateway, .post, path, body, headers: headers)
            #expect(response.status.code == status)
            #expect(response.text == #"{"error":"\#(text)"}"#)
        }
        #expect(bench.planes.state.withLock { $0.deliveries.isEmpty })
    }

    @Test("a delivery is handed on with its context and without its secrets")
    func delivery() async throws {
        let bench = Bench()
        let headers: HTTPFields = [
            .contentType: "application/x-www-form-urlencoded", .authorization: "x", .cookie: "y",
        ]
        let body = "payload=%7B%22event%22%3A%22e%22%7D"
        let response = try await ask(try bench.gateway(), .post, "/webhooks/test/t", body, headers: headers)
        #expect(response.text == #"{"ok":true,"matched":1,"skipped":0}"#)
        let delivery = try #require(bench.planes.state.withLock { $0.deliveries.first })
        #expect(delivery.source == "t" && delivery.event == "e" && delivery.matchedInstance == "_unsigned")
        #expect(String(decoding: delivery.body, as: UTF8.self) == body)
        #expect(delivery.headers["authorization"] == nil && delivery.headers["cookie"] == nil)
        #expect(delivery.headers["content-type"] != nil)
    }

    @Test("duplicates, redeliveries and refusals of the scheduler")
    func results() async throws {
        let bench = Bench()
        let gateway = try bench.gateway()
        let run = try #require(dev)
        let first = FirstWork(agent: run.agent, instance: run, state: "running")
        let waiting = FirstWork(agent: run.agent, instance: nil, state: "queued")
        let duplicate = DeliveryResult(matched: 0, skipped: 0, isDuplicate: true, first: [first, waiting])
        let rows: [(Result<DeliveryResult, any Error>, Int, String, String?)] = [
            (
                .success(duplicate), 200,
                #"{"ok":true,"matched":0,"skipped":0,"duplicate":true,"first":[{"agent":"dev","instanceId":"dev-a1b2c3d4","#
                    + #""state":"running"},{"agent":"dev","state":"queued"}]}"#, nil
            ),
            (
                .success(.init(matched: 1, skipped: 0, isRedelivery: true)), 200,
                #"{"ok":true,"matched":1,"skipped":0,"redelivery":true}"#, nil
            ),
            (
                .failure(RefusalError(code: .stopping, reason: "scheduler is stopping")), 503,
                #"{"error":"scheduler is stopping"}"#, "60"
            ),
            (
                .failure(StorageError(code: .cannotWrite, message: "/secret/path")), 503,
                #"{"error":"delivery could not be stored"}"#, "30"
            ),
        ]
        for (result, status, text, retry) in rows {
            bench.planes.set { $0.delivery = result }
            let response = try await ask(gateway, .post, "/webhooks/test", "{}")
            #expect(response.status.code == status)
            #expect(response.text == text)
            #expect(response.headers[.retryAfter] == retry)
        }
    }

    @Test("bodies beyond 10 MiB and streams of failures are refused")
    func limits() async throws {
        let gateway = try Bench().gateway()
        try await gateway.application(for: .main, address: .hostname("127.0.0.1", port: 0)).test(.router) { client in
            let big = ByteBuffer(repeating: UInt8(ascii: " "), count: (10 << 20) + 1)
            let large = try await client.execute(uri: "/webhooks/test", method: .post, body: big)
            #expect(large.status.code == 413)
            #expect(String(buffer: large.body) == #"{"error":"payload too large"}"#)
            for _ in 0..<120 {
                let response = try await client.execute(uri: "/webhooks/x", method: .post)
                #expect(response.status.code == 404)
            }
            let response = try await client.execute(uri: "/webhooks/x", method: .post)
            #expect(response.status.code == 429)
            #expect(response.headers[.retryAfter] == "60")
        }
    }

    @Test("forwarding headers count only when they come from this machine")
    func clients() throws {
        let forwarded = try #require(HeaderName("X-Forwarded-For"))
        let headers: HTTPFields = [forwarded: "6.6.6.6, 9.9.9.9"]
        #expect(ClientAddress(peer: "127.0.0.1", headers: headers).name == "9.9.9.9")
        #expect(ClientAddress(peer: "127.0.0.1", headers: headers).isProxied)
        #expect(ClientAddress(peer: "8.8.8.8", headers: headers).name == "8.8.8.8")
        #expect(!ClientAddress(peer: "8.8.8.8", headers: headers).isProxied)
        #expect(ClientAddress(peer: "::1", headers: [:]).isLoopback)
    }
}
