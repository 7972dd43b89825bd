import Domain
import OrderedCollections
import OrderedCollections
import Storage
import Testing

extension StoreConformance {
    /// What `al stat` and `al why` count and look up.
    static let figures: [StoreConformance] = [
        StoreConformance("dropped items are counted by reason, the frequent ones first, since a time") { store in
            for number in 0...3 {
                _ = try await store.enqueue(try StoreSamples.item("dev", "a\(number)", at: Double(number), limit: 1))
            }
            for number in 4...6 {
                var item = try StoreSamples.item("ops", "b\(number)", at: Double(number))
                item.group = "g"
                _ = try await store.enqueue(item)
            }
            let all = try await store.history.dropped(since: StoreSamples.start)
            #expect(all == ["queue full": 3, "superseded": 2])
            #expect(try await store.history.dropped(since: StoreSamples.at(4)) == ["superseded": 2])
            #expect(try await store.history.dropped(since: StoreSamples.at(7)) == [:])
        },
        StoreConformance("readers see the depths of the queues and what was spent") { store in
            for id in ["a", "b"] { _ = try await store.enqueue(try StoreSamples.item("dev", id)) }
            let dev = try StoreSamples.agent("dev")
            try await store.spend(0.5, by: dev, at: StoreSamples.at(1))
            #expect(try await store.history.queueDepths() == [dev: 2])
            let ops = try StoreSamples.agent("ops")
            for (agent, spent) in [(dev, 0.5), (nil, 0.5), (ops, 0)] {
                let day = (StoreSamples.at(0), StoreSamples.at(3600))
                #expect(try await store.history.spent(by: agent, from: day.0, to: day.1) == spent)
            }
        },
        StoreConformance("the runs of an item are found, the newest first") { store in
            _ = try await store.enqueue(try StoreSamples.item("dev", "i1"))
            let dev = try StoreSamples.agent("dev")
            for number in 1...2 {
                let run = try StoreSamples.run("dev", number, at: Double(number))
                _ = try await store.claimNext(of: dev, as: run, rule: .any)
                guard number == 1 else { continue }
                try await store.requeue(run.instance.run, endingAs: .lost, reason: "lost", at: StoreSamples.at(1))
            }
            let runs = try await store.history.runs(ofItem: "i1")
            #expect(runs.map(\.instance.rawValue) == ["dev-00000002", "dev-00000001"])
            #expect(try await store.history.runs(ofItem: "i2").isEmpty)
        },
        StoreConformance("the replays of a delivery are found by the original") { store in
            _ = try await store.record(try StoreSamples.delivery("d1"))
            for (id, original) in [("d2", "d1"), ("d3", "d2"), ("d4", "d1")] {
                var replay = try StoreSamples.delivery(id)
                replay.replay = NewDelivery.Replay(original: original, orderedBy: "cli")
                _ = try await store.record(replay)
            }
            let replays = try await store.history.receipts(ReceiptQuery(replayOf: "d1")).receipts
            #expect(replays.map(\.id) == ["d4", "d2"])
            #expect(try await store.history.receipts(ReceiptQuery(replayOf: "d4")).receipts.isEmpty)
        },
    ]
}
