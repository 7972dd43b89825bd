import Domain
import FoundationEssentials
import Storage
import Testing

extension StoreConformance {
    /// An item of the agent `dev` with the policies given.
    private static func item(
        _ id: String,
        at seconds: Double = 0,
        _ change: (inout NewWorkItem) -> Void
    ) throws -> NewWorkItem {
        var item = try StoreSamples.item("dev", id, at: seconds)
        change(&item)
        return item
    }

    /// Claims for `dev` at a time; returns the item's id.
    private static func claim(
        _ store: any Store,
        _ number: Int,
        at seconds: Double = 0,
        rule: ClaimRule = .any
    ) async throws -> String? {
        let run = try StoreSamples.run("dev", number, at: seconds)
        return try await store.claimNext(of: run.instance.agent, as: run, rule: rule).run?.itemID
    }

    static let queuePolicies: [StoreConformance] = overflow + [replacement] + keys + debounce + heads

    private static let overflow: [StoreConformance] = [
        StoreConformance("a full queue that rejects refuses the new item and changes nothing") { store in
            for id in ["one", "two"] { _ = try await store.enqueue(try StoreSamples.item("dev", id, limit: 2)) }
            let third = try item("three") {
                $0.queueLimit = 2
                $0.overflow = .reject
            }
            let error = await #expect(throws: StorageError.self) { try await store.enqueue(third) }
            #expect(error?.code == .queueFull)
            #expect(error?.message == "queue of agent \"dev\" is full")
            #expect(try await store.waitingItems(of: nil).map(\.id) == ["one", "two"])
        },
        StoreConformance("when one agent's queue rejects its item nothing of the delivery is stored") { store in
            _ = try await store.enqueue(try StoreSamples.item("ops", "one"))
            var delivery = try StoreSamples.delivery("d1", providerID: "p", agents: ["dev", "ops"], limit: 1)
            delivery.items[1].overflow = .reject
            let refused = delivery
            let error = await #expect(throws: StorageError.self) { try await store.record(refused) }
            #expect(error?.code == .queueFull)
            #expect(try await store.waitingItems(of: nil).map(\.id) == ["one"])
            let again = try StoreSamples.delivery("d2", providerID: "p", agents: ["dev"])
            #expect(try await store.record(again).counts == DeliveryResult(matched: 1, skipped: 0))
        },
        StoreConformance("an item that supersedes another fits into a full queue that rejects") { store in
            func make(_ id: String) throws -> NewWorkItem {
                try item(id) {
                    $0.queueLimit = 1
                    $0.overflow = .reject
                    $0.group = "g"
                }
            }
            _ = try await store.enqueue(try make("one"))
            #expect(try await store.enqueue(try make("two")).superseded.map(\.id) == ["one"])
            #expect(try await store.waitingItems(of: nil).map(\.id) == ["two"])
        },
    ]

    private static let replacement = StoreConformance(
        "an item that takes a place in a queue beyond its limit drops and refuses nothing"
    ) { store in
        for overflow in [QueueOverflow.dropOldest, .reject] {
            for id in ["one", "two", "three"] {
                _ = try await store.enqueue(try item("\(id) \(overflow)") { $0.group = id == "one" ? "g" : nil })
            }
            let new = try item("new \(overflow)") {
                $0.group = "g"
                $0.queueLimit = 2
                $0.overflow = overflow
            }
            let result = try await store.enqueue(new)
            #expect(result.dropped == nil && result.superseded.map(\.id) == ["one \(overflow)"] && result.depth == 3)
            let waiting = try await store.waitingItems(of: nil).map(\.id)
            #expect(waiting == ["new", "two", "three"].map { "\($0) \(overflow)" })
            _ = try await store.dropWaiting(of: nil, reason: "test", at: StoreSamples.at(9))
        }
    }

    private static let keys: [StoreConformance] = [
        StoreConformance("an item that would be put back behind a newer one of its group is dropped") { store in
            _ = try await store.enqueue(try item("one") { $0.group = "g" })
            #expect(try await claim(store, 1) == "one")
            _ = try await store.enqueue(try item("two", at: 1) { $0.group = "g" })
            let run = try StoreSamples.instance("dev", 1).run
            let dropped = try await store.requeue(run, endingAs: .lost, reason: "lost", at: StoreSamples.at(2))
            #expect(dropped?.id == "one" && dropped?.reason == "superseded by two")
            #expect(try await store.waitingItems(of: nil).map(\.id) == ["two"])
            #expect(try await store.history.item("one")?.reason == "superseded by two")
            #expect(try await store.run(run)?.state == .lost)
            #expect(try await store.queueDepths() == [try StoreSamples.agent("dev"): 1])
            #expect(try await store.history.audit(since: .distantPast).isBalanced)
        },
        StoreConformance("a newer item of a group takes the place of the one that waits") { store in
            _ = try await store.enqueue(try item("one") { $0.group = "g" })
            _ = try await store.enqueue(try item("two") { _ in })
            let result = try await store.enqueue(try item("three", at: 5) { $0.group = "g" })
            #expect(result.superseded.map(\.reason) == ["superseded by three"])
            #expect(try await store.history.item("one")?.state == .dropped)
            #expect(result.depth == 2)
            #expect(try await store.waitingItems(of: nil).map(\.id) == ["three", "two"])
            #expect(try await store.queueDepths().values.map { $0 } == [2])
        },
        StoreConformance("groups of other agents and claimed items are left alone") { store in
            _ = try await store.enqueue(try item("claimed") { $0.group = "g" })
            #expect(try await claim(store, 1) == "claimed")
            var other = try StoreSamples.item("ops", "other")
            other.group = "g"
            _ = try await store.enqueue(other)
            #expect(try await store.enqueue(try item("new") { $0.group = "g" }).superseded.isEmpty)
            #expect(try await store.waitingItems(of: nil).map(\.id) == ["other", "new"])
        },
        StoreConformance("an item whose key has a live run lets the next one pass") { store in
            for (id, key) in [("a1", "a"), ("a2", "a"), ("b1", "b")] {
                _ = try await store.enqueue(try item(id) { $0.key = key })
            }
            #expect(try await claim(store, 1) == "a1")
            #expect(try await claim(store, 2) == "b1")
            #expect(try await claim(store, 3) == nil)
            let first = try StoreSamples.instance("dev", 1).run
            _ = try await store.end(first, with: .init(state: .failed), at: StoreSamples.at(1))
            #expect(try await claim(store, 4) == "a2")
        },
    ]

    private static let debounce: [StoreConformance] = [
        StoreConformance("an item becomes due when its quiet time is over") { store in
            _ = try await store.enqueue(
                try item("one", at: 100) {
                    $0.group = "g"
                    $0.debounce = 30
                }
            )
            #expect(try await store.waitingItems(of: nil).first?.dueAt == StoreSamples.at(130))
            #expect(try await store.nextDueTime(after: StoreSamples.at(100)) == StoreSamples.at(130))
            #expect(try await claim(store, 1, at: 129.9) == nil)
            #expect(try await claim(store, 2, at: 130) == "one")
            #expect(try await store.nextDueTime(after: StoreSamples.at(100)) == nil)
        },
        StoreConformance("each item of a group starts the quiet time again, at most ten times as long") { store in
            var due: [Double] = []
            for number in 0...12 {
                let new = try item("i\(number)", at: Double(number) * 29) {
                    $0.group = "g"
                    $0.debounce = 30
                }
                _ = try await store.enqueue(new)
                let waiting = try await store.waitingItems(of: nil)
                #expect(waiting.map(\.id) == ["i\(number)"])
                due.append(try #require(waiting.first?.dueAt).timeIntervalSince(StoreSamples.start))
            }
            let expected: [Double] = [30, 59, 88, 117, 146, 175, 204, 233, 262, 291, 300, 300, 300]
            #expect(due == expected)
        },
        StoreConformance("what is not due yet lets later items pass") { store in
            _ = try await store.enqueue(try item("later") { $0.debounce = 30 })
            _ = try await store.enqueue(try item("now") { _ in })
            #expect(try await claim(store, 1) == "now")
            #expect(try await claim(store, 2) == nil)
        },
    ]

    private static let heads: [StoreConformance] = [
        StoreConformance("heads are what would be claimed, the longest waiting first") { store in
            _ = try await store.enqueue(try item("undue", at: 1) { $0.debounce = 30 })
            _ = try await store.enqueue(try item("dev-1", at: 3) { _ in })
            _ = try await store.enqueue(try StoreSamples.item("ops", "ops-1", at: 2))
            let (dev, ops) = (try StoreSamples.agent("dev"), try StoreSamples.agent("ops"))
            let agents: [AgentName: ClaimRule] = [dev: .any, ops: .any, try StoreSamples.agent("none"): .any]
            let heads = try await store.queueHeads(of: agents, at: StoreSamples.at(4))
            #expect(heads.map(\.itemID) == ["ops-1", "dev-1"])
            #expect(heads.map(\.receivedAt) == [StoreSamples.at(2), StoreSamples.at(3)])
            #expect(try await store.queueHeads(of: [dev: .any], at: StoreSamples.at(31)).map(\.itemID) == ["undue"])
        },
        StoreConformance("orders of people pass what waits when nothing else may start") { store in
            let delivery = try StoreSamples.delivery("d1")
            _ = try await store.record(delivery)
            _ = try await store.enqueue(try item("by-hand") { _ in })
            let dev = try StoreSamples.agent("dev")
            let heads = try await store.queueHeads(of: [dev: .manualOnly], at: StoreSamples.at(0))
            #expect(heads.map(\.itemID) == ["by-hand"])
            #expect(try await claim(store, 1, rule: .manualOnly) == "by-hand")
            #expect(try await claim(store, 2, rule: .manualOnly) == nil)
            #expect(try await claim(store, 3) == "d1-dev")
        },
        StoreConformance("the runs of an item are counted") { store in
            _ = try await store.enqueue(try item("one") { _ in })
            #expect(try await store.attempts(ofItem: "one") == StartAttempts(claimed: 0, launched: 0))
            for number in 1...2 {
                _ = try await claim(store, number)
                let run = try StoreSamples.instance("dev", number).run
                if number == 1 {
                    try await store.setHandle(
                        "h",
                        runtime: "host",
                        isolation: nil,
                        network: .null,
                        of: run,
                        at: StoreSamples.at(1)
                    )
                }
                try await store.requeue(run, endingAs: .lost, reason: "gone", at: StoreSamples.at(1))
            }
            #expect(try await store.attempts(ofItem: "one") == StartAttempts(claimed: 2, launched: 1))
        },
    ]
}
