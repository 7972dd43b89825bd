import Domain
import Foundation
import Hummingbird
import HummingbirdTesting
import NIOCore
import Scheduler
import Storage
import Synchronization
import Testing
import Webhooks

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
            ("/webhooks/test", "a=b", form, 400, "missing payload in form body"),
        ]
        for (path, body, headers, status, text) in rows {
            let response = try await ask(gateway, .post, path, body, headers: headers)
            #expect(response.status.code == status)
            #expect(response.text == #"{"error":"\#(text)"}"#)
        }
        #expect(bench.planes.state.withLock { $0.deliveries.isEmpty })
    }

    @Test("JSON that is no object is no error: only a generic source finds anything in it")
    func arrays() async throws {
        let bench = Bench()
        bench.planes.set {
            $0.sources["g"] = .init(type: "github", allowUnsigned: true)
            $0.sources["any"] = WebhookSourceConfig(
                type: "generic",
                format: GenericWebhookFormat(map: WebhookField("/0/name").map { ["event": $0] } ?? [:])
            )
        }
        let gateway = try bench.gateway()
        let event = try #require(HeaderName("X-GitHub-Event"))
        for (path, body) in [("test", "[]"), ("github", "[]"), ("test", "7"), ("generic", #"[{"name":"e"}]"#)] {
            let response = try await ask(gateway, .post, "/webhooks/\(path)", body, headers: [event: "push"])
            #expect(response.status.code == 200, "\(path)")
        }
        let deliveries = bench.planes.state.withLock { $0.deliveries }
        #expect(deliveries.map { $0.context?["event"]?.stringValue } == [nil, nil, nil, "e"])
    }

    @Test("an empty delivery id is none")
    func emptyIDs() async throws {
        let bench = Bench()
        let names = ["X-GitHub-Delivery", "Request-ID", "Linear-Delivery", "Idempotency-Key", "webhook-id"]
        var headers = HTTPFields()
        for name in names { headers[try #require(HeaderName(name))] = " " }
        let types = ["github", "sentry", "linear", "mintlify", "test", "generic"]
        bench.planes.set { state in
            for type in types { state.sources[type] = .init(type: type, allowUnsigned: true) }
        }
        let gateway = try bench.gateway()
        for type in types {
            let response = try await ask(gateway, .post, "/webhooks/\(type)", "{}", headers: headers)
            #expect(response.status.code == 200, "\(type)")
        }
        let deliveries = bench.planes.state.withLock { $0.deliveries }
        #expect(deliveries.count == types.count && deliveries.allSatisfy { $0.providerDeliveryID == nil })
    }

    @Test("a secret that cannot be read matters only to the source that names it, whose deliveries may come again")
    func unreadableSecrets() async throws {
        let bench = Bench()
        bench.planes.set {
            $0.sources = ["one": .init(type: "github", credential: "a"), "two": .init(type: "github", credential: "b")]
        }
        bench.secrets.change {
            $0 = StoredSecrets(["a": "s"], unreadable: ["b": "b/secret is open", "other": "other/secret is open"])
        }
        let (right, wrong) = (try github("{}", "s"), try github("{}", "t"))
        try await bench.serving { client in
            try await client.post("/webhooks/github", right, is: 200)
            try await client.post("/webhooks/github/one", wrong, is: 401)
            try await client.post("/webhooks/github", [:], is: 401)
            bench.time.change { $0 += 61 }
            let response = try await client.execute(
                uri: "/webhooks/github",
                method: .post,
                headers: wrong,
                body: ByteBuffer(string: "{}")
            )
            #expect(response.status.code == 503 && response.headers[.retryAfter] == "60")
            #expect(String(buffer: response.body) == #"{"error":"signature cannot be checked"}"#)
        }
        let unreadable = bench.lines.value.filter { $0.message == "webhook secret cannot be read" }
        #expect(unreadable.map { $0.fields["error"] } == ["b/secret is open"])
        #expect(bench.lines.value.count { $0.message == "webhook dispatch failed" && $0.level == .error } == 1)
        let activity = "activity github: the secret of a source cannot be read"
        #expect(bench.planes.state.withLock { $0.orders.last } == activity)
    }

    @Test("an unsigned source takes nothing for granted while the only secret cannot be read")
    func unreadableBesideUnsigned() async throws {
        let bench = Bench()
        bench.planes.set { $0.sources = ["g": .init(type: "github")] }
        bench.secrets.change { $0 = StoredSecrets([:], unreadable: ["a": "a/secret is open"]) }
        #expect(try await ask(try bench.gateway(), .post, "/webhooks/github", "{}").status.code == 401)
        // A signature may be that secret's: every stored one counts here.
        let signed: HTTPFields = [.init("x-hub-signature-256")!: "sha256=" + String(repeating: "0", count: 64)]
        let answer = try await ask(try bench.gateway(), .post, "/webhooks/github", "{}", headers: signed)
        #expect(answer.status.code == 503)
    }

    @Test("what the scheduler refuses leaves a line in the log and in the activity")
    func refusals() async throws {
        let bench = Bench()
        bench.planes.set { $0.delivery = .failure(RefusalError(code: .conflict, reason: "queue is full")) }
        try await bench.serving { client in
            for _ in 0..<2 { try await client.post("/webhooks/test", [:], is: 503) }
        }
        let lines = bench.lines.value.filter { $0.message == "webhook dispatch failed" }
        let fields: JSONValue = ["source": "test", "status": 503, "errors": ["queue is full"]]
        #expect(lines.map(\.level) == [.warn, .warn] && lines.first?.fields == fields)
        #expect(bench.planes.state.withLock { $0.orders } == ["activity test: queue is full"])
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
        #expect(delivery.hearers == ["t"] && delivery.event == "e" && delivery.matchedInstance == "_unsigned")
        #expect(String(decoding: delivery.body, as: UTF8.self) == body)
        #expect(delivery.headers["authorization"] == nil && delivery.headers["cookie"] == nil)
        #expect(delivery.headers["content-type"] != nil)
    }

    @Test("a delivery is stored without the token of any source, taken or refused, with or without a name")
    func tokens() async throws {
        let bench = Bench()
        let token = { (header: String) in
            WebhookSourceConfig(
                type: "generic",
                credential: "a",
                format: GenericWebhookFormat(scheme: .token(header: header, prefix: "Bearer "))
            )
        }
        bench.planes.set { $0.sources = ["one": token("X-One"), "two": token("X-Two"), "t": .init(type: "test")] }
        bench.secrets.change { $0 = ["a": "secret"] }
        let gateway = try bench.gateway()
        let (one, two) = (try #require(HeaderName("X-One")), try #require(HeaderName("X-Two")))
        let rows: [(path: String, headers: HTTPFields, body: String, status: Int)] = [
            ("/webhooks/generic", [one: "secret"], "{}", 401),
            ("/webhooks/generic/two", [one: "Bearer secret"], "{}", 401),
            ("/webhooks/generic", [one: "Bearer secret"], "no JSON", 400),
            ("/webhooks/generic", [one: "Bearer secret", two: "x"], "{}", 200),
            ("/webhooks/test", [one: "Bearer secret"], "{}", 200),
        ]
        for row in rows {
            let response = try await ask(gateway, .post, row.path, row.body, headers: row.headers)
            #expect(response.status.code == row.status)
        }
        let stored = bench.planes.state.withLock { $0.rejections.map(\.headers) + $0.deliveries.map(\.headers) }
        #expect(stored.count == rows.count)
        for headers in stored { #expect(headers["x-one"] == nil && headers["x-two"] == nil) }
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
                .failure(RefusalError(code: .conflict, reason: #"queue of agent "dev" is full"#)), 503,
                #"{"error":"queue of agent \"dev\" is full"}"#, "60"
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
            // What could not be read counts like any other failure.
            for _ in 1..<120 {
                let response = try await client.execute(uri: "/webhooks/x", method: .post)
                #expect(response.status.code == 404)
            }
            let response = try await client.execute(uri: "/webhooks/x", method: .post)
            #expect(response.status.code == 429)
            #expect(response.headers[.retryAfter] == "60")
        }
    }

    @Test("an unsigned delivery that fails counts once")
    func countedOnce() async throws {
        let bench = Bench()
        let application = try bench.gateway().application(for: .main, address: .hostname("127.0.0.1", port: 0))
        try await application.test(.router) { client in
            var codes: [Int] = []
            for _ in 0...120 {
                let body = ByteBuffer(string: "no JSON")
                codes.append(
                    try await client.execute(uri: "/webhooks/test", method: .post, body: body).status.code
                )
            }
            #expect(codes == Array(repeating: 400, count: 120) + [429])
        }
    }

    @Test("forwarding headers count only when they come from this machine or a trusted proxy")
    func clients() throws {
        let forwarded = try #require(HeaderName("X-Forwarded-For"))
        let headers: HTTPFields = [forwarded: "6.6.6.6, 9.9.9.9"]
        #expect(ClientAddress(peer: "127.0.0.1", headers: headers).name == "9.9.9.9")
        #expect(ClientAddress(peer: "127.0.0.1", headers: headers).isProxied)
        #expect(ClientAddress(peer: "8.8.8.8", headers: headers).name == "8.8.8.8")
        #expect(!ClientAddress(peer: "8.8.8.8", headers: headers).isProxied)
        #expect(ClientAddress(peer: "::1", headers: [:]).isLoopback)
        let trusted = [try #require(AddressRange("8.8.0.0/16")), try #require(AddressRange("9.9.9.9"))]
        let trustedClient = ClientAddress(peer: "8.8.8.8", headers: headers, trustedProxies: trusted)
        #expect(trustedClient.isProxied && trustedClient.name == "6.6.6.6" && !trustedClient.isLoopback)
    }

    @Test("2. a form-encoded GitHub delivery is verified over its raw bytes")
    func form() async throws {
        let bench = Bench()
        bench.planes.set { $0.sources = ["g": .init(type: "github", credential: "a")] }
        bench.secrets.change { $0 = ["a": "s"] }
        let body = "payload=%7B%22action%22%3A%22opened%22%2C%22repository%22%3A%7B%22full_name%22%3A%22a%2Fb%22%7D%7D"
        var headers = try github(body, "s", event: "watch")
        headers[.contentType] = "application/x-www-form-urlencoded"
        let response = try await ask(try bench.gateway(), .post, "/webhooks/github", body, headers: headers)
        #expect(response.status.code == 200)
        let delivery = try #require(bench.planes.state.withLock { $0.deliveries.first })
        #expect(delivery.context?["repo"] == "a/b" && delivery.body == Array(body.utf8))
        #expect(delivery.providerDeliveryID == "d-1" && delivery.matchedInstance == "a")
        #expect(delivery.headers["x-hub-signature-256"] == nil && delivery.headers["x-github-event"] == "watch")
    }

    @Test("5. two sources of one type with two secrets: each delivery is heard by its own and by those without one")
    func twoSources() async throws {
        let bench = Bench()
        bench.planes.set {
            $0.sources = [
                "one": .init(type: "github", credential: "a"), "two": .init(type: "github", credential: "b"),
                "all": .init(type: "github"),
            ]
        }
        bench.secrets.change { $0 = ["a": "first", "b": "second"] }
        let gateway = try bench.gateway()
        for (secret, path) in [("first", ""), ("second", ""), ("second", "/two"), ("first", "/all")] {
            let headers = try github("{}", secret)
            let response = try await ask(gateway, .post, "/webhooks/github" + path, "{}", headers: headers)
            #expect(response.status.code == 200)
        }
        let wrongPath = try await ask(gateway, .post, "/webhooks/github/one", "{}", headers: try github("{}", "second"))
        #expect(wrongPath.status.code == 401)
        let heard = bench.planes.state.withLock { $0.deliveries.map(\.hearers) }
        #expect(heard == [["all", "one"], ["all", "two"], ["two"], ["all"]])
    }

    @Test("11. a secret that is rotated in the store counts at once")
    func rotation() async throws {
        let bench = Bench()
        bench.planes.set { $0.sources = ["g": .init(type: "github", credential: "a")] }
        bench.secrets.change { $0 = ["a": "old"] }
        let gateway = try bench.gateway()
        #expect(
            try await ask(gateway, .post, "/webhooks/github", "{}", headers: try github("{}", "old")).status.code == 200
        )
        bench.secrets.change { $0 = ["a": "new"] }
        #expect(
            try await ask(gateway, .post, "/webhooks/github", "{}", headers: try github("{}", "old")).status.code == 401
        )
        #expect(
            try await ask(gateway, .post, "/webhooks/github", "{}", headers: try github("{}", "new")).status.code == 200
        )
    }

    @Test(
        "15. an unsigned source refuses what is exposed or comes through a proxy, unless it says allowUnsigned itself"
    )
    func exposure() async throws {
        let bench = Bench()
        bench.planes.set { $0.sources = ["g": .init(type: "github"), "h": .init(type: "sentry", allowUnsigned: true)] }
        let exposed = try bench.gateway(.init(port: 0, isExposed: true))
        #expect(try await ask(exposed, .post, "/webhooks/github", "{}").status.code == 401)
        #expect(try await ask(exposed, .post, "/webhooks/sentry", "{}").status.code == 200)
        let local = try bench.gateway()
        #expect(try await ask(local, .post, "/webhooks/github", "{}").status.code == 200)
        bench.planes.set { $0.sources["other"] = .init(type: "github", allowUnsigned: true) }
        #expect(try await ask(exposed, .post, "/webhooks/github/g", "{}").status.code == 401)
        #expect(try await ask(exposed, .post, "/webhooks/github", "{}").status.code == 200)
        #expect(bench.planes.state.withLock { $0.deliveries.last?.hearers } == ["other"])
    }

    @Test("what was refused is kept without its body, and told once a minute")
    func rejections() async throws {
        let bench = Bench()
        bench.planes.set { $0.sources = ["g": .init(type: "github", credential: "a")] }
        let headers = try github("{}", "x")
        try await bench.serving { client in
            for _ in 0..<3 { try await client.post("/webhooks/github/g", headers, is: 401) }
            #expect(bench.lines.value.count { $0.message == "webhook rejected" } == 1)
            #expect(bench.planes.state.withLock { $0.orders } == ["activity github: signature validation failed"])
            bench.time.change { $0 += 61 }
            try await client.post("/webhooks/github", headers, is: 401)
        }
        let rejections = bench.planes.state.withLock { $0.rejections }
        #expect(rejections.map(\.reason) == Array(repeating: "signature validation failed", count: 4))
        #expect(rejections.first?.source == "g" && rejections.first?.bodyBytes == 2)
        #expect(rejections.first?.headers["x-hub-signature-256"] == nil)
        #expect(bench.lines.value.count { $0.message == "webhook rejected" } == 2)
    }

    @Test("webhookRate sets a ceiling a minute and source; without it verified deliveries are never refused")
    func rate() async throws {
        let bench = Bench()
        bench.planes.set { $0.sources = ["g": .init(type: "github", credential: "a")] }
        bench.secrets.change { $0 = ["a": "s"] }
        let headers = try github("{}", "s")
        try await bench.serving(.init(port: 0, webhookRate: 2)) { client in
            var codes: [Int] = []
            for _ in 0..<3 { codes.append(try await client.post("/webhooks/github", headers)) }
            bench.time.change { $0 += 60 }
            codes.append(try await client.post("/webhooks/github", headers))
            #expect(codes == [200, 200, 429, 200])
        }
        try await bench.serving { client in
            for _ in 0..<150 { try await client.post("/webhooks/github", headers, is: 200) }
        }
    }

    @Test("a delivery that two sources hear counts for both")
    func rateOfTwo() async throws {
        let bench = Bench()
        bench.planes.set {
            $0.sources = ["all": .init(type: "github"), "g": .init(type: "github", credential: "a")]
        }
        bench.secrets.change { $0 = ["a": "s"] }
        let headers = try github("{}", "s")
        try await bench.serving(.init(port: 0, webhookRate: 2)) { client in
            try await client.post("/webhooks/github/g", headers, is: 200)
            try await client.post("/webhooks/github", headers, is: 200)
            try await client.post("/webhooks/github/g", headers, is: 429)
            try await client.post("/webhooks/github", headers, is: 429)
            // What was refused for one counted for none.
            try await client.post("/webhooks/github/all", headers, is: 200)
            try await client.post("/webhooks/github/all", headers, is: 429)
        }
    }

    @Test("a challenge is answered after verification and stored like any delivery")
    func challenge() async throws {
        let bench = Bench()
        bench.planes.set { $0.sources = ["s": .init(type: "slack", credential: "a")] }
        bench.secrets.change { $0 = ["a": "s"] }
        let body = #"{"type":"url_verification","challenge":"c1"}"#
        let delivery = ImitatedDelivery(
            event: ImitatedEvent("url_verification"),
            body: Array(body.utf8),
            secret: "s",
            id: "1",
            sentAt: bench.time.value
        )
        let headers = try fields(SlackProvider().headers(imitating: delivery))
        let gateway = try bench.gateway()
        #expect(
            try await ask(gateway, .post, "/webhooks/slack", body).text == #"{"error":"signature validation failed"}"#
        )
        let response = try await ask(gateway, .post, "/webhooks/slack", body, headers: headers)
        #expect(response.text == #"{"challenge":"c1"}"#)
        #expect(bench.planes.state.withLock { $0.deliveries.first?.context } == nil)
        bench.time.change { $0 += 301 }
        #expect(try await ask(gateway, .post, "/webhooks/slack", body, headers: headers).status.code == 401)
    }

    private func github(_ body: String, _ secret: String, event: String = "watch") throws -> HTTPFields {
        let delivery = ImitatedDelivery(
            event: ImitatedEvent(event),
            body: Array(body.utf8),
            secret: secret,
            id: "d-1",
            sentAt: Date(timeIntervalSince1970: 0)
        )
        return try fields(GitHubProvider().headers(imitating: delivery))
    }

    private func fields(_ headers: [(name: String, value: String)]?) throws -> HTTPFields {
        var fields = HTTPFields()
        for (name, value) in try #require(headers) { fields[try #require(HeaderName(name))] = value }
        return fields
    }
}

extension Bench {
    /// One gateway for several requests, whose counters they share.
    fileprivate func serving(
        _ options: GatewayOptions = .init(port: 0),
        _ body: @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let application = try gateway(options).application(for: .main, address: .hostname("127.0.0.1", port: 0))
        try await application.test(.router) { try await body($0) }
    }
}

extension TestClientProtocol {
    /// Posts an empty object; answers the status.
    fileprivate func post(_ path: String, _ headers: HTTPFields) async throws -> Int {
        try await execute(uri: path, method: .post, headers: headers, body: ByteBuffer(string: "{}")).status.code
    }

    /// Posts an empty object and expects a status.
    fileprivate func post(_ path: String, _ headers: HTTPFields, is expected: Int) async throws {
        let status = try await post(path, headers)
        #expect(status == expected)
    }
}
