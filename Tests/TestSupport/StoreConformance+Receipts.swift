import Domain
import Foundation
import Storage
import Testing

extension StoreConformance {
    static let receipts: [StoreConformance] = [
        StoreConformance("a delivery is found again byte for byte, with everything that was said about it") { store in
            var delivery = try StoreSamples.delivery("d1", providerID: "p", agents: ["dev"], skipped: ["off"])
            delivery.body = [0xFF, 0x00, 0x0D, 0x0A] + Array("👍".utf8)
            delivery.headers = ["content-type": "x", "a": "\u{0}é\""]
            delivery.sources = ["one", "two"]
            delivery.verdicts = [
                TriggerVerdict(agent: try StoreSamples.agent("dev"), trigger: 0, refusal: nil),
                TriggerVerdict(
                    agent: try StoreSamples.agent("ops"),
                    trigger: 1,
                    refusal: FilterRefusal(filter: "label", expected: ["a"], found: ["b"])
                ),
            ]
            _ = try await store.record(delivery)
            let receipt = try #require(try await store.history.receipt("d1"))
            #expect(receipt.headers == delivery.headers && receipt.context == delivery.context)
            #expect(receipt.sources == ["one", "two"] && receipt.verdicts == delivery.verdicts)
            #expect(receipt.providerDeliveryID == "p" && receipt.matchedInstance == "default")
            #expect(receipt.receivedAt == StoreSamples.start && receipt.status == .dispatched)
            #expect(receipt.matched == 1 && receipt.skipped == 1 && receipt.bodyBytes == 8)
            #expect(try await store.history.body(ofReceipt: "d1") == delivery.body)
            #expect(try await store.history.receipt("d2") == nil)
            #expect(try await store.history.body(ofReceipt: "d2") == nil)
        },
        StoreConformance("bodies of every length and kind come back as they came") { store in
            var generator = SeededGenerator(state: 5)
            let noise = (0..<70_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let texts = ["", "x", String(repeating: "{\"a\":1}\r\n", count: 40_000)].map { Array($0.utf8) }
            for (index, body) in (texts + [noise, Array(noise.prefix(300))]).enumerated() {
                var delivery = try StoreSamples.delivery("d\(index)", agents: [])
                delivery.body = body
                _ = try await store.record(delivery)
                #expect(try await store.history.body(ofReceipt: "d\(index)") == body)
                #expect(try await store.history.receipt("d\(index)")?.bodyBytes == body.count)
            }
        },
        StoreConformance("what became of the work is told with the delivery") { store in
            let agent = try StoreSamples.agent("dev")
            _ = try await store.record(try StoreSamples.delivery("d1", providerID: "p"))
            #expect(try await store.history.receipt("d1")?.work(of: agent)?.state == "waiting")
            let run = try StoreSamples.run("dev", 1)
            _ = try await store.claimNext(of: agent, as: run, rule: .any)
            let work = try await store.history.receipt("d1")?.work(of: agent)
            #expect(work?.state == "starting" && work?.instance == run.instance && work?.deliveryID == "d1")
            let outcome = RunOutcome(state: .failed, reason: "no luck")
            _ = try await store.end(run.instance.run, with: outcome, at: StoreSamples.at(1))
            #expect(try await store.history.receipt("d1")?.work(of: agent)?.reason == "no luck")
            _ = try await store.record(try StoreSamples.delivery("d2", providerID: "p"))
            #expect(try await store.history.receipt("d2")?.work(of: agent)?.state == "waiting")
            #expect(try await store.history.receipt("d1")?.work(of: agent)?.state == "failed")
            #expect(try await store.history.receipt("d2")?.context?["number"] == 7)
            _ = try await store.dropWaiting(of: nil, reason: "cleared", at: StoreSamples.at(2))
            let dropped = try await store.history.receipt("d2")?.work(of: agent)
            #expect(dropped?.state == "dropped" && dropped?.reason == "cleared" && dropped?.instance == nil)
        },
        StoreConformance("a repetition is a row of its own that names the first") { store in
            let agent = try StoreSamples.agent("dev")
            for (index, id) in ["d1", "d2", "d3"].enumerated() {
                _ = try await store.record(try StoreSamples.delivery(id, providerID: "p", at: Double(index)))
            }
            let (first, third) = (try await store.history.receipt("d1"), try await store.history.receipt("d3"))
            #expect(first?.duplicates == 2 && first?.firstID == "d1" && first?.status == .dispatched)
            #expect(third?.duplicates == 0 && third?.firstID == "d1" && third?.status == .duplicate)
            #expect(third?.context?["number"] == 7)
            #expect(third?.decisions == [agent: "repeated"] && third?.work(of: agent)?.deliveryID == "d1")
        },
        StoreConformance("deliveries that start nothing say why") { store in
            _ = try await store.record(try StoreSamples.delivery("unmatched", agents: []))
            var ping = try StoreSamples.delivery("ping", agents: [])
            ping.context = nil
            _ = try await store.record(ping)
            _ = try await store.record(try StoreSamples.delivery("skipped", agents: [], skipped: ["off"]))
            #expect(try await store.history.receipt("unmatched")?.status == .unmatched)
            #expect(try await store.history.receipt("unmatched")?.context?["number"] == 7)
            #expect(try await store.history.receipt("ping")?.status == .ignored)
            #expect(try await store.history.receipt("skipped")?.skipped == 1)
        },
        StoreConformance("a replay names its original and is never a duplicate") { store in
            _ = try await store.record(try StoreSamples.delivery("d1", providerID: "p"))
            var replay = try StoreSamples.delivery("d2")
            replay.replay = .init(original: "d1", orderedBy: "api key")
            #expect(try await store.record(replay).counts == DeliveryResult(matched: 1, skipped: 0))
            let receipt = try await store.history.receipt("d2")
            #expect(receipt?.replayOf == "d1" && receipt?.replayedBy == "api key" && receipt?.firstID == "d2")
            #expect(try await store.history.receipt("d1")?.duplicates == 0)
        },
        StoreConformance("of refused deliveries the newest thousand are kept, without bodies") { store in
            for number in 0...1000 {
                try await store.reject(try rejection("r\(number)", at: Double(number)))
            }
            #expect(try await store.history.receipt("r0") == nil)
            let last = try #require(try await store.history.receipt("r1000"))
            #expect(last.status == .rejected && last.reason == "signature validation failed" && last.bodyBytes == 2)
            #expect(last.sources == ["s"] && last.matchedInstance.isEmpty && last.decisions.isEmpty)
            #expect(try await store.history.body(ofReceipt: "r1000") == nil)
            let rejected = ReceiptQuery(status: .rejected, limit: 2000)
            #expect(try await store.history.receipts(rejected).receipts.count == 1000)
        },
        StoreConformance("6. a forged delivery does not stand in the way of the genuine one with its id") { store in
            try await store.reject(try rejection("r1", at: 0))
            let genuine = try await store.record(try StoreSamples.delivery("d1", providerID: "p"))
            #expect(genuine.counts == DeliveryResult(matched: 1, skipped: 0))
        },
        StoreConformance("a list is newest first, in pages, and takes conditions") { store in
            for number in 1...5 {
                var delivery = try StoreSamples.delivery(
                    "d\(number)",
                    agents: number == 3 ? ["ops"] : ["dev"],
                    at: Double(number)
                )
                delivery.sources = number == 4 ? ["b"] : ["a", "b"]
                _ = try await store.record(delivery)
            }
            try await store.reject(try rejection("r1", at: 6))
            let ids = { (query: ReceiptQuery) in try await store.history.receipts(query).receipts.map(\.id) }
            #expect(try await ids(ReceiptQuery()) == ["r1", "d5", "d4", "d3", "d2", "d1"])
            #expect(try await ids(ReceiptQuery(source: "a")) == ["d5", "d3", "d2", "d1"])
            #expect(try await ids(ReceiptQuery(status: .rejected)) == ["r1"])
            #expect(try await ids(ReceiptQuery(agent: try StoreSamples.agent("ops"))) == ["d3"])
            #expect(try await ids(ReceiptQuery(since: StoreSamples.at(5))) == ["r1", "d5"])
            let first = try await store.history.receipts(ReceiptQuery(limit: 4))
            let second = try await store.history.receipts(ReceiptQuery(limit: 4, before: first.next))
            #expect(first.receipts.count == 4 && second.receipts.map(\.id) == ["d2", "d1"] && second.next == nil)
        },
    ]

    private static func rejection(_ id: String, at seconds: Double) throws -> RejectedDelivery {
        RejectedDelivery(
            id: id,
            type: "github",
            source: "s",
            reason: "signature validation failed",
            receivedAt: StoreSamples.at(seconds),
            headers: ["x-github-delivery": "p"],
            bodyBytes: 2
        )
    }
}
