import Domain
import Storage
import Testing

extension StoreConformance {
    static let queue: [StoreConformance] = [
        StoreConformance("a queue gives its items in the order they came") { store in
            for id in ["one", "two", "three"] { _ = try await store.enqueue(try StoreSamples.item("dev", id)) }
            _ = try await store.enqueue(try StoreSamples.item("other", "elsewhere"))
            let agent = try StoreSamples.agent("dev")
            var prompts: [Trigger] = []
            for number in 1...4 {
                let run = try await store.claimNext(of: agent, as: try StoreSamples.run("dev", number), rule: .any).run
                if let run { prompts.append(run.trigger) }
            }
            #expect(prompts == [.manual(prompt: "one"), .manual(prompt: "two"), .manual(prompt: "three")])
            #expect(try await store.queueDepths() == [try StoreSamples.agent("other"): 1])
        },
        StoreConformance("a claim makes a starting run that remembers its item and when it was accepted") { store in
            _ = try await store.enqueue(try StoreSamples.item("dev", "one", at: 5))
            let new = try StoreSamples.run("dev", 1, at: 9)
            let run = try #require(try await store.claimNext(of: new.instance.agent, as: new, rule: .any).run)
            #expect(run.state == .starting)
            #expect(run.itemID == "one")
            #expect(run.queuedAt == StoreSamples.at(5))
            #expect(run.startedAt == StoreSamples.at(9))
            #expect(try await store.run(new.instance.run) == run)
            #expect(try await store.waitingItems(of: nil).isEmpty)
        },
        StoreConformance("a full queue drops its oldest item and keeps the new one") { store in
            for id in ["one", "two"] { _ = try await store.enqueue(try StoreSamples.item("dev", id, limit: 2)) }
            let result = try await store.enqueue(try StoreSamples.item("dev", "three", limit: 2))
            #expect(result.dropped?.id == "one")
            #expect(result.dropped?.reason == "queue full")
            #expect(result.depth == 2)
            #expect(try await store.waitingItems(of: nil).map(\.id) == ["two", "three"])
            #expect(try await store.history.item("one")?.state == .dropped)
        },
        StoreConformance("an item that is put back goes first again and keeps its time") { store in
            for (seconds, id) in ["one", "two"].enumerated() {
                _ = try await store.enqueue(try StoreSamples.item("dev", id, at: Double(seconds)))
            }
            let new = try StoreSamples.run("dev", 1)
            _ = try await store.claimNext(of: new.instance.agent, as: new, rule: .any)
            try await store.requeue(new.instance.run, endingAs: .lost, reason: "gone", at: StoreSamples.at(9))
            let ended = try await store.run(new.instance.run)
            #expect(ended?.state == .lost)
            #expect(ended?.outcome?.reason == "gone")
            let waiting = try await store.waitingItems(of: new.instance.agent)
            #expect(waiting.map(\.id) == ["one", "two"])
            #expect(waiting.first?.receivedAt == StoreSamples.at(0))
            #expect(try await store.queueDepths() == [new.instance.agent: 2])
        },
        StoreConformance("a run that already ended is not put back") { store in
            _ = try await store.enqueue(try StoreSamples.item("dev", "one"))
            let new = try StoreSamples.run("dev", 1)
            _ = try await store.claimNext(of: new.instance.agent, as: new, rule: .any)
            _ = try await store.end(new.instance.run, with: .init(state: .succeeded), at: StoreSamples.at(1))
            try await store.requeue(new.instance.run, endingAs: .lost, reason: "gone", at: StoreSamples.at(2))
            #expect(try await store.run(new.instance.run)?.state == .succeeded)
            #expect(try await store.waitingItems(of: nil).isEmpty)
        },
        StoreConformance("dropping what waits spares other agents and claimed items") { store in
            for id in ["one", "two", "three"] { _ = try await store.enqueue(try StoreSamples.item("dev", id)) }
            _ = try await store.enqueue(try StoreSamples.item("other", "elsewhere"))
            let new = try StoreSamples.run("dev", 1)
            _ = try await store.claimNext(of: new.instance.agent, as: new, rule: .any)
            let reason = "agent removed"
            #expect(try await store.dropWaiting(of: new.instance.agent, reason: reason, at: StoreSamples.at(1)) == 2)
            #expect(try await store.waitingItems(of: nil).map(\.id) == ["elsewhere"])
            #expect(try await store.dropWaiting(of: nil, reason: reason, at: StoreSamples.at(1)) == 1)
            #expect(try await store.queueDepths().isEmpty)
            #expect(try await store.run(new.instance.run)?.state == .starting)
        },
    ]
}
