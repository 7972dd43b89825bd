import Domain
import FoundationEssentials
import Storage
import Testing

extension StoreConformance {
    static let upkeep: [StoreConformance] = [
        StoreConformance("switches stay as they were set") { store in
            let (dev, ops) = (try StoreSamples.agent("dev"), try StoreSamples.agent("ops"))
            #expect(try await store.flags() == SchedulerFlags())
            try await store.setPaused(since: StoreSamples.at(5))
            try await store.setPaused(since: StoreSamples.at(9))
            try await store.setEnabled(false, agent: dev)
            try await store.setEnabled(false, agent: ops)
            try await store.setEnabled(true, agent: ops)
            #expect(try await store.flags() == SchedulerFlags(pausedSince: StoreSamples.at(5), disabledAgents: [dev]))
            try await store.setPaused(since: nil)
            #expect(try await store.flags() == SchedulerFlags(disabledAgents: [dev]))
        },
        StoreConformance("pruning deletes what is over and keeps what waits, runs or is new") { store in
            let day = 86_400.0
            let dev = try StoreSamples.agent("dev")
            for (number, seconds) in [0, 1, 20 * day].enumerated() {
                _ = try await store.startDirect(try StoreSamples.run("dev", number, at: seconds))
            }
            for number in [0, 2] {
                let id = try StoreSamples.instance("dev", number).run
                _ = try await store.end(
                    id,
                    with: .init(state: .succeeded),
                    at: StoreSamples.at(Double(number) * 10 * day)
                )
            }
            _ = try await store.enqueue(try StoreSamples.item("dev", "old"))
            _ = try await store.noteSchedules([dev: "x"], at: StoreSamples.at(1))
            _ = try await store.decide([SlotDecision(agent: dev, due: StoreSamples.at(5), end: .missed)])
            try await store.prune(olderThan: StoreSamples.at(14 * day))
            #expect(try await store.runs(of: nil, limit: 9).map(\.instance.run.rawValue) == ["00000002", "00000001"])
            #expect(try await store.waitingItems(of: nil).map(\.id) == ["old"])
            #expect(try await store.noteSchedules([dev: "x"], at: StoreSamples.at(6)) == [dev: StoreSamples.at(5)])
        },
        StoreConformance("pruning never makes a delivery forgotten that may still be repeated") { store in
            let day = 86_400.0
            _ = try await store.record(try StoreSamples.delivery("d1", providerID: "p"))
            let run = try StoreSamples.run("dev", 1)
            _ = try await store.claimNext(of: run.instance.agent, as: run, rule: .any)
            _ = try await store.end(run.instance.run, with: .init(state: .succeeded), at: StoreSamples.at(1))
            try await store.prune(olderThan: StoreSamples.at(day))
            let again = try await store.record(try StoreSamples.delivery("d2", providerID: "p", at: 2 * day))
            #expect(again.isDuplicate)
            #expect(again.first.map(\.state) == ["succeeded"])
            _ = try await store.record(try StoreSamples.delivery("d3", at: 20 * day))
            try await store.prune(olderThan: StoreSamples.at(14 * day))
            #expect(try await store.runs(of: nil, limit: 9).isEmpty)
        },
        StoreConformance("pruning deletes however much there is, and leaves what is open among it") { store in
            let day = 86_400.0
            for number in 0..<450 {
                let id = "d\(number)"
                _ = try await store.record(try StoreSamples.delivery(id, agents: number == 7 ? ["ops"] : ["dev"]))
                guard number != 7 else { continue }
                let run = try StoreSamples.run("dev", number)
                _ = try await store.claimNext(of: run.instance.agent, as: run, rule: .any)
                guard number != 300 else { continue }
                _ = try await store.end(run.instance.run, with: .init(state: .succeeded), at: StoreSamples.at(1))
            }
            _ = try await store.record(try StoreSamples.delivery("new", agents: ["ops"], at: 20 * day))
            try await store.prune(olderThan: StoreSamples.at(14 * day))
            #expect(try await store.runs(of: nil, limit: 9).map(\.state) == [.starting])
            #expect(try await store.waitingItems(of: nil).map(\.id) == ["d7-ops", "new-ops"])
            let page = try await store.history.receipts(ReceiptQuery(limit: 9))
            #expect(page.receipts.map(\.id) == ["new", "d300", "d7"])
            #expect(try await store.history.audit(since: .distantPast).open.isEmpty)
        },
    ]
}
