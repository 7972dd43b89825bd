import Domain
import Storage
import Testing

extension StoreConformance {
    static let deliveries: [StoreConformance] = [
        StoreConformance("a delivery queues one item per matched agent and counts the disabled ones") { store in
            let delivery = try StoreSamples.delivery("d1", agents: ["dev", "ops"], skipped: ["off"])
            let result = try await store.record(delivery)
            #expect(result.counts == DeliveryResult(matched: 2, skipped: 1))
            #expect(try await store.waitingItems(of: nil).map(\.id) == ["d1-dev", "d1-ops"])
            #expect(try await store.waitingItems(of: nil).first?.trigger == delivery.items.first?.trigger)
        },
        StoreConformance("a delivery without an id of its provider is never a duplicate") { store in
            for id in ["d1", "d2"] {
                let result = try await store.record(try StoreSamples.delivery(id))
                #expect(result.counts == DeliveryResult(matched: 1, skipped: 0))
            }
        },
        StoreConformance("a repeated delivery starts nothing while its work waits, and says so") { store in
            _ = try await store.record(try StoreSamples.delivery("d1", providerID: "p"))
            let second = try await store.record(try StoreSamples.delivery("d2", providerID: "p", at: 60))
            let first = FirstWork(agent: try StoreSamples.agent("dev"), instance: nil, state: "queued")
            #expect(second.counts == DeliveryResult(matched: 0, skipped: 0, isDuplicate: true, first: [first]))
            #expect(try await store.waitingItems(of: nil).map(\.id) == ["d1-dev"])
        },
        StoreConformance("the same id from another type or instance is another delivery") { store in
            _ = try await store.record(try StoreSamples.delivery("d1", providerID: "p"))
            let other = try StoreSamples.delivery("d2", providerID: "p", type: "sentry")
            let elsewhere = try StoreSamples.delivery("d3", providerID: "p", instance: "acme")
            #expect(try await store.record(other).isDuplicate == false)
            #expect(try await store.record(elsewhere).isDuplicate == false)
        },
        StoreConformance("ids are remembered for seven days from the first delivery") { store in
            let day = 86_400.0
            _ = try await store.record(try StoreSamples.delivery("d1", providerID: "p"))
            let within = try StoreSamples.delivery("d2", providerID: "p", at: 7 * day - 1)
            let after = try StoreSamples.delivery("d3", providerID: "p", at: 7 * day + 1)
            #expect(try await store.record(within).isDuplicate)
            #expect(try await store.record(after).counts == DeliveryResult(matched: 1, skipped: 0))
        },
        StoreConformance("repetition is decided per agent: what failed starts again, what went well does not") {
            store in
            let good = try StoreSamples.run("dev", 1)
            let bad = try StoreSamples.run("ops", 2)
            _ = try await store.record(try StoreSamples.delivery("d1", providerID: "p", agents: ["dev", "ops"]))
            for run in [good, bad] { _ = try await store.claimNext(of: run.instance.agent, as: run, rule: .any) }
            _ = try await store.end(good.instance.run, with: .init(state: .succeeded), at: StoreSamples.at(1))
            _ = try await store.end(bad.instance.run, with: .init(state: .failed), at: StoreSamples.at(1))
            let again = try StoreSamples.delivery("d2", providerID: "p", agents: ["dev", "new", "ops"], at: 9)
            let result = try await store.record(again)
            #expect(result.counts == DeliveryResult(matched: 2, skipped: 0, isRedelivery: true))
            #expect(try await store.waitingItems(of: nil).map(\.id) == ["d2-new", "d2-ops"])
            let third = try await store.record(
                try StoreSamples.delivery("d3", providerID: "p", agents: ["ops"], at: 10)
            )
            #expect(third.isDuplicate)
            #expect(third.first.map(\.state) == ["succeeded", "failed", "queued", "queued"])
            #expect(third.first.first?.instance == good.instance)
        },
        StoreConformance("each unhappy end of a run lets a repetition start again") { store in
            let ends: [RunState] = [.failed, .timedOut, .killed, .lost]
            for (number, state) in ends.enumerated() {
                let run = try StoreSamples.run("dev", number)
                let providerID = "p\(number)"
                _ = try await store.record(try StoreSamples.delivery("a\(number)", providerID: providerID))
                _ = try await store.claimNext(of: run.instance.agent, as: run, rule: .any)
                _ = try await store.end(run.instance.run, with: .init(state: state), at: StoreSamples.at(1))
                let again = try await store.record(try StoreSamples.delivery("b\(number)", providerID: providerID))
                #expect(again.isRedelivery, "after \(state)")
                _ = try await store.dropWaiting(of: nil, reason: "test", at: StoreSamples.at(2))
            }
        },
        StoreConformance("a dropped item lets a repetition start again; a run under way does not") { store in
            _ = try await store.record(try StoreSamples.delivery("d1", providerID: "p"))
            _ = try await store.dropWaiting(of: nil, reason: "test", at: StoreSamples.at(2))
            let again = try StoreSamples.delivery("d2", providerID: "p")
            #expect(try await store.record(again).isRedelivery)
            let run = try StoreSamples.run("dev", 1)
            _ = try await store.claimNext(of: run.instance.agent, as: run, rule: .any)
            #expect(try await store.record(try StoreSamples.delivery("d3", providerID: "p")).isDuplicate)
            try await store.setRunning(run.instance.run, at: StoreSamples.at(3))
            #expect(try await store.record(try StoreSamples.delivery("d4", providerID: "p")).isDuplicate)
        },
        StoreConformance("an old delivery that comes again does not drive out the newer one that took its place") {
            store in
            let dev = try StoreSamples.agent("dev")
            _ = try await store.record(try grouped("d1", providerID: "old"))
            _ = try await store.record(try grouped("d2", providerID: "new", at: 1))
            let again = try await store.record(try grouped("d3", providerID: "old", at: 2))
            #expect(again.isDuplicate)
            #expect(again.first == [FirstWork(agent: dev, instance: nil, state: "dropped")])
            #expect(try await store.waitingItems(of: nil).map(\.id) == ["d2-dev"])
            // Nor does it while the newer one is claimed, where that has to be put back.
            let run = try StoreSamples.run("dev", 1)
            _ = try await store.claimNext(of: dev, as: run, rule: .any)
            #expect(try await store.record(try grouped("d4", providerID: "old", at: 3)).isRedelivery)
            let dropped = try await store.requeue(
                run.instance.run,
                endingAs: .lost,
                reason: "launch failed",
                at: StoreSamples.at(4)
            )
            #expect(dropped?.id == "d4-dev" && dropped?.reason == "superseded by d2-dev")
            #expect(try await store.waitingItems(of: nil).map(\.id) == ["d2-dev"])
        },
        StoreConformance("an old delivery whose own run failed starts nothing while a newer one of its group waits") {
            store in
            let run = try StoreSamples.run("dev", 1)
            _ = try await store.record(try grouped("d1", providerID: "old"))
            _ = try await store.claimNext(of: run.instance.agent, as: run, rule: .any)
            _ = try await store.record(try grouped("d2", providerID: "new", at: 1))
            _ = try await store.end(run.instance.run, with: .init(state: .failed), at: StoreSamples.at(2))
            #expect(try await store.record(try grouped("d3", providerID: "old", at: 3)).isDuplicate)
            #expect(try await store.waitingItems(of: nil).map(\.id) == ["d2-dev"])
            let second = try StoreSamples.run("dev", 2)
            _ = try await store.claimNext(of: run.instance.agent, as: second, rule: .any)
            #expect(try await store.record(try grouped("d4", providerID: "old", at: 4)).isRedelivery)
            // The newest of all may take the place of a repetition.
            #expect(try await store.record(try grouped("d5", providerID: "newest", at: 5)).matched == 1)
            #expect(try await store.waitingItems(of: nil).map(\.id) == ["d5-dev"])
        },
        StoreConformance("ids that each source gives itself are told apart by the source") { store in
            func make(_ id: String, from source: String) throws -> NewDelivery {
                var delivery = try StoreSamples.delivery(id, providerID: "1", type: "generic")
                delivery.hasIDOfItsSource = true
                delivery.sources = [source]
                return delivery
            }
            let first = try await store.record(try make("d1", from: "one"))
            let second = try await store.record(try make("d2", from: "two"))
            let third = try await store.record(try make("d3", from: "one"))
            #expect(first.matched == 1)
            #expect(second.counts == DeliveryResult(matched: 1, skipped: 0))
            #expect(third.isDuplicate)
        },
        StoreConformance("of many equal deliveries at once exactly one starts work") { store in
            let results = try await withThrowingTaskGroup(of: DeliveryResult.self) { group in
                for number in 1...20 {
                    group.addTask { try await store.record(try StoreSamples.delivery("d\(number)", providerID: "p")) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(results.count { $0.matched == 1 && !$0.isRedelivery } == 1)
            #expect(results.count { $0.isDuplicate } == 19)
            #expect(try await store.waitingItems(of: nil).count == 1)
        },
        StoreConformance("a delivery that overfills a queue tells what it dropped") { store in
            _ = try await store.record(try StoreSamples.delivery("d1", limit: 1))
            let result = try await store.record(try StoreSamples.delivery("d2", limit: 1))
            #expect(result.dropped.map(\.id) == ["d1-dev"])
            #expect(try await store.waitingItems(of: nil).map(\.id) == ["d2-dev"])
        },
        StoreConformance("a delivery that fails leaves nothing behind") { store in
            _ = try await store.enqueue(try StoreSamples.item("ops", "d1-ops"))
            let clashing = try StoreSamples.delivery("d1", providerID: "p", agents: ["dev", "ops"])
            await #expect(throws: StorageError.self) { try await store.record(clashing) }
            #expect(try await store.waitingItems(of: nil).map(\.id) == ["d1-ops"])
            #expect(try await store.queueDepths() == [try StoreSamples.agent("ops"): 1])
            let retried = try StoreSamples.delivery("d2", providerID: "p")
            #expect(try await store.record(retried).counts == DeliveryResult(matched: 1, skipped: 0))
        },
    ]
    /// A delivery whose item takes the place of those that wait in its group.
    private static func grouped(_ id: String, providerID: String, at seconds: Double = 0) throws -> NewDelivery {
        var delivery = try StoreSamples.delivery(id, providerID: providerID, at: seconds)
        delivery.items[0].group = "g"
        return delivery
    }
}
