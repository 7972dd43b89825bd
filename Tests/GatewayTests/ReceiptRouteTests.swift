import Domain
import Foundation
import Hummingbird
import HummingbirdTesting
import OrderedCollections
import Scheduler
import Storage
import Synchronization
import Testing

@testable import Gateway

@Suite("Deliveries that operators look at and repeat")
struct ReceiptRouteTests {
    private let key: HTTPFields = [.authorization: "Bearer key"]
    private static let body = #"{"event":"e","action":"a","title":"hunter22"}"#

    private func bench(_ change: (inout Receipt) -> Void = { _ in }, body: [UInt8]? = Array(body.utf8)) throws -> Bench
    {
        let bench = Bench()
        let agent = try AgentName("dev")
        bench.planes.set { $0.agents = [AgentConfig(name: agent, model: ModelConfig(provider: .scripted, model: "s"))] }
        var receipt = Receipt(
            id: "r1",
            firstID: "r1",
            type: "test",
            sources: ["t"],
            matchedInstance: "_unsigned",
            providerDeliveryID: "p1",
            event: "e",
            status: .dispatched,
            receivedAt: Date(timeIntervalSince1970: 1_710_700_000.25),
            headers: ["content-type": "application/json", "x-token": "hunter22"],
            context: ["event": "e", "action": "a"],
            bodyBytes: 45,
            duplicates: 1,
            verdicts: [
                TriggerVerdict(agent: agent, trigger: 0, refusal: nil),
                TriggerVerdict(
                    agent: agent,
                    trigger: 1,
                    refusal: FilterRefusal(filter: "action", expected: ["b"], found: "a")
                ),
            ],
            decisions: [agent: "started"],
            work: [.init(itemID: "i1", agent: agent, deliveryID: "r1", state: "running", instance: dev)]
        )
        change(&receipt)
        bench.receipts.stored.withLock { [receipt] in $0 = [(receipt, body)] }
        return bench
    }

    @Test("a delivery is shown with its verdicts, without the values of secrets")
    func show() async throws {
        let gateway = try bench().gateway()
        let delivery =
            #"{"receiptId":"r1","source":"t","type":"test","deliveryId":"p1","event":"e","summary":"e a","#
            + #""status":"dispatched","receivedAt":"2024-03-17T18:26:40.250Z","matched":1,"skipped":0,"verdicts":["#
            + #"{"agent":"dev","trigger":0,"matched":true,"state":"running","instanceId":"dev-a1b2c3d4"},"#
            + #"{"agent":"dev","trigger":1,"matched":false,"filter":"action","expected":["b"],"found":"a"}],"#
            + #""headers":{"content-type":"application/json","x-token":"[masked]"},"context":{"event":"e","action":"a"},"#
            + #""bodyBytes":45,"duplicates":1}"#
        let one = try await ask(gateway, .get, "/api/webhooks/r1", headers: key)
        #expect(one.text == #"{"delivery":\#(delivery)}"#)
        let alias = try await ask(gateway, .get, "/api/stats/webhooks/r1", headers: key)
        #expect(alias.text == #"{"receipt":\#(delivery)}"#)
        let list = try await ask(gateway, .get, "/api/webhooks", headers: key)
        #expect(list.text == #"{"deliveries":[\#(delivery)],"next":"7"}"#)
        let missing = try await ask(gateway, .get, "/api/webhooks/r2", headers: key)
        #expect(missing.status.code == 404 && missing.text == #"{"error":"Delivery r2 not found"}"#)
        #expect(try await ask(gateway, .get, "/api/webhooks").status.code == 401)
    }

    @Test("the conditions of a list reach the store, out of range ones are bent or refused")
    func query() async throws {
        let bench = try bench()
        let gateway = try bench.gateway()
        let path = "/api/webhooks?source=s&status=rejected&agent=dev&since=1000&limit=999&before=5"
        #expect(try await ask(gateway, .get, path, headers: key).status.code == 200)
        let expected = ReceiptQuery(
            source: "s",
            status: .rejected,
            agent: try AgentName("dev"),
            since: Date(timeIntervalSince1970: 1),
            limit: 200,
            before: 5
        )
        #expect(bench.receipts.queries.withLock { $0 } == [expected])
        for path in ["/api/webhooks?status=x", "/api/webhooks?agent=%2F"] {
            #expect(try await ask(gateway, .get, path, headers: key).status.code == 400)
        }
    }

    @Test("the body comes as it was sent, with secrets hidden; one that was dropped is gone")
    func bodies() async throws {
        let masked = try await ask(try bench().gateway(), .get, "/api/webhooks/r1/body", headers: key)
        #expect(masked.text == Self.body.replacing("hunter22", with: "[masked]"))
        #expect(masked.headers[.contentType] == "application/json")
        #expect(masked.headers[.contentDisposition] == "attachment; filename=\"r1\"")
        let raw: [UInt8] = [0xFF, 0x00, 0xC0]
        let binary = try await ask(try bench(body: raw).gateway(), .get, "/api/webhooks/r1/body", headers: key)
        #expect(Array(binary.body.readableBytesView) == raw)
        let gone = try await ask(try bench(body: nil).gateway(), .get, "/api/webhooks/r1/body", headers: key)
        #expect(gone.status.code == 410 && gone.text == #"{"error":"the body of delivery r1 was dropped"}"#)
    }

    @Test("a replay is a new delivery of the stored bytes that names its original and has no provider id")
    func replay() async throws {
        let bench = try bench()
        let answer = try await ask(
            try bench.gateway(),
            .post,
            "/api/webhooks/r1/replay",
            #"{"agent":"dev"}"#,
            headers: key
        )
        let delivery = try #require(bench.planes.state.withLock { $0.deliveries.first })
        let id = try #require(delivery.id)
        #expect(answer.text == #"{"ok":true,"matched":1,"skipped":0,"replayReceiptId":"\#(id)"}"#)
        #expect(delivery.replay == .init(original: "r1", orderedBy: "api key"))
        #expect(delivery.body == Array(Self.body.utf8) && delivery.providerDeliveryID == nil)
        #expect(delivery.hearers == ["t"] && delivery.onlyAgent?.rawValue == "dev")
        #expect(delivery.context?["title"] == "hunter22")
    }

    @Test("a dry run only asks; what cannot be replayed says why")
    func refusals() async throws {
        let dry = try bench()
        dry.planes.set { state in
            if let dev { state.verdicts = [TriggerVerdict(agent: dev.agent, trigger: 0, refusal: nil)] }
        }
        let answer = try await ask(
            try dry.gateway(),
            .post,
            "/api/webhooks/r1/replay",
            #"{"dryRun":true}"#,
            headers: key
        )
        #expect(answer.text == #"{"ok":true,"verdicts":[{"agent":"dev","trigger":0,"matched":true}]}"#)
        #expect(dry.planes.state.withLock { $0.deliveries.isEmpty })
        let stopping = try bench()
        stopping.planes.set { $0.delivery = .failure(RefusalError(code: .stopping, reason: "scheduler is stopping")) }
        let rows: [(Bench, String, Int, String)] = [
            (stopping, "r1", 409, "scheduler is stopping"),
            (try bench { $0.sources = ["gone"] }, "r1", 409, "no source of today hears test deliveries like this one"),
            (try bench(body: nil), "r1", 410, "the body of delivery r1 was dropped"),
            (
                try bench({ $0.status = .rejected }, body: nil), "r1", 410,
                "the body of delivery r1 is not kept: it was rejected"
            ),
            (try bench(), "r2", 404, "Delivery r2 not found"),
        ]
        for (bench, id, status, text) in rows {
            let response = try await ask(try bench.gateway(), .post, "/api/webhooks/\(id)/replay", headers: key)
            #expect(response.status.code == status && response.text == #"{"error":"\#(text)"}"#)
        }
    }

    @Test("a replay for an agent that is not there starts and stores nothing", arguments: [true, false])
    func unknownAgent(dryRun: Bool) async throws {
        let bench = try bench()
        let order = #"{"agent":"nobody","dryRun":\#(dryRun)}"#
        let answer = try await ask(try bench.gateway(), .post, "/api/webhooks/r1/replay", order, headers: key)
        #expect(answer.status.code == 404 && answer.text == #"{"error":"Agent nobody not found"}"#)
        #expect(bench.planes.state.withLock { $0.deliveries.isEmpty })
    }

    @Test("a replay whose order cannot be read is none", arguments: [#"{"dryRun":"true"}"#, #"{"agent":5}"#, "[]"])
    func unreadableReplay(order: String) async throws {
        let bench = try bench()
        let answer = try await ask(try bench.gateway(), .post, "/api/webhooks/r1/replay", order, headers: key)
        #expect(answer.status.code == 400)
        #expect(bench.planes.state.withLock { $0.deliveries.isEmpty })
    }
}
