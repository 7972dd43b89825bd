import Domain
import Foundation
import OrderedCollections
import Storage
import Testing

extension StoreConformance {
    static let history: [StoreConformance] = runHistory + slotHistory + workHistory

    private static let runHistory: [StoreConformance] = [
        StoreConformance("runs are listed newest first, by page, state, time and agent") { store in
            for number in 1...5 {
                let run = try StoreSamples.run(number == 3 ? "ops" : "dev", number, at: Double(number))
                _ = try await store.startDirect(run)
                let state: RunState = number == 2 ? .failed : .succeeded
                _ = try await store.end(run.instance.run, with: .init(state: state), at: StoreSamples.at(10))
            }
            let dev = try StoreSamples.agent("dev")
            let page = try await store.history.runs(RunQuery(agent: dev, offset: 1, limit: 2, isCounted: true))
            #expect(page.total == 4)
            #expect(
                page.runs.map(\.instance.rawValue) == ["dev-00000004", "dev-00000002"]
            )
            #expect(try await store.history.runs(RunQuery(state: .failed)).runs.map(\.state) == [.failed])
            #expect(try await store.history.runs(RunQuery(since: StoreSamples.at(4), isCounted: true)).total == 2)
            #expect(try await store.history.runs(RunQuery()).total == nil)
            #expect(try await store.history.runs(RunQuery(limit: 0)).runs.isEmpty)
        },
        StoreConformance("the last ended run of each agent is neither an older nor a live one") { store in
            for number in 1...4 {
                let run = try StoreSamples.run(number == 2 ? "ops" : "dev", number, at: Double(number))
                _ = try await store.startDirect(run)
                guard number < 4 else { continue }
                _ = try await store.end(run.instance.run, with: .init(state: .succeeded), at: StoreSamples.at(10))
            }
            let names = try ["dev", "ops", "idle"].map(StoreSamples.agent)
            let last = try await store.history.lastEndedRuns(of: names)
            #expect(last.mapValues(\.instance.rawValue) == [names[0]: "dev-00000003", names[1]: "ops-00000002"])
        },
        StoreConformance("the summary counts per agent and day, with median, p95, tokens and cost") { store in
            // 20 runs of 1…20 s on one day, one on the next.
            for number in 1...21 {
                let start = number == 21 ? 86_400.0 : 0
                let run = try StoreSamples.run("dev", number, at: start)
                _ = try await store.startDirect(run)
                let outcome = RunOutcome(
                    state: number == 5 ? .timedOut : .succeeded,
                    usage: TokenUsage(input: 10, output: 1, cost: number == 21 ? nil : 0.5, turns: 1)
                )
                _ = try await store.end(run.instance.run, with: outcome, at: StoreSamples.at(start + Double(number)))
            }
            _ = try await store.startDirect(try StoreSamples.run("ops", 30))
            let rows = try await store.history.summary(of: nil, since: StoreSamples.at(-1))
            #expect(rows.map(\.day) == ["2027-01-16", "2027-01-15", "2027-01-15"])
            #expect(rows.map(\.agent.rawValue) == ["dev", "dev", "ops"])
            #expect(rows[0].cost == nil && rows[0].medianMs == 21_000)
            #expect(rows[1].runs == 20 && rows[1].succeeded == 19 && rows[1].failed == 1)
            #expect(rows[1].medianMs == 10_000 && rows[1].p95Ms == 19_000)
            #expect(rows[1].totalTokens == 220 && rows[1].cost == 10)
            #expect(rows[2].runs == 1 && rows[2].failed == 0 && rows[2].medianMs == nil && rows[2].cost == 0)
            let later = try await store.history.summary(
                of: try StoreSamples.agent("dev"),
                since: StoreSamples.at(80_000)
            )
            #expect(later.map(\.runs) == [1])
        },
        StoreConformance("the states of a run are kept with their times") { store in
            let run = try StoreSamples.run("dev", 1, at: 1)
            _ = try await store.startDirect(run)
            try await store.setRunning(run.instance.run, at: StoreSamples.at(2))
            _ = try await store.end(run.instance.run, with: .init(state: .killed), at: StoreSamples.at(3))
            let steps = try await store.history.transitions(of: run.instance.run)
            #expect(steps.map(\.to) == [.starting, .running, .killed])
            #expect(steps.map(\.from) == [nil, .starting, .running])
            #expect(steps.map(\.at) == [StoreSamples.at(1), StoreSamples.at(2), StoreSamples.at(3)])
        },
    ]

    private static let slotHistory: [StoreConformance] = [
        StoreConformance("slots are listed by page, newest first, with their end and run") { store in
            let (dev, ops) = (try StoreSamples.agent("dev"), try StoreSamples.agent("ops"))
            try await store.fire(try StoreSamples.run("dev", 1), at: StoreSamples.at(60))
            try await store.settle(.missed, of: ops, at: StoreSamples.at(60))
            try await store.settle(.skipped(.busy), of: dev, at: StoreSamples.at(120))
            let first = try await store.history.slots(SlotQuery(limit: 2))
            #expect(first.slots.map(\.end) == ["skipped", "fired"])
            #expect(first.slots[0].reason == "busy")
            #expect(first.slots[1].instance?.rawValue == "dev-00000001")
            let position = try #require(first.next)
            #expect(SlotPosition(position.text) == position)
            let second = try await store.history.slots(SlotQuery(before: position, limit: 2))
            #expect(second.slots.map(\.agent) == [ops])
            #expect(second.next == nil)
            #expect(try await store.history.slots(SlotQuery(agent: dev, since: StoreSamples.at(100))).slots.count == 1)
        }
    ]

    private static let workHistory: [StoreConformance] = [
        StoreConformance("waiting items are listed in queue order, dropped ones newest first") { store in
            for (number, id) in ["a", "b", "c", "d"].enumerated() {
                _ = try await store.enqueue(try StoreSamples.item("dev", id, at: Double(number), limit: 2))
            }
            #expect(try await store.history.items(ItemQuery()).map(\.id) == ["c", "d"])
            let dropped = try await store.history.items(ItemQuery(state: .dropped))
            #expect(dropped.map(\.id) == ["b", "a"])
            #expect(dropped.map(\.reason) == ["queue full", "queue full"])
            #expect(try await store.history.item("c")?.state == .waiting)
            #expect(try await store.history.items(ItemQuery(since: StoreSamples.at(3))).map(\.id) == ["d"])
        },
        StoreConformance("calls are found from both ends, and counted by edge") { store in
            let caller = try StoreSamples.instance("dev", 1)
            let ops = try StoreSamples.agent("ops")
            _ = try await store.startDirect(try StoreSamples.run("dev", 1))
            for (number, id) in ["c1", "c2"].enumerated() {
                let order = try StoreSamples.call(id, from: caller, to: "ops", at: Double(number))
                _ = try await store.createCall(order.call, item: order.item)
            }
            let served = try #require(
                try await store.claimNext(of: ops, as: try StoreSamples.run("ops", 2), rule: .any).run
            )
            _ = try await store.end(
                served.instance.run,
                with: .init(state: .failed, exitCode: 1),
                at: StoreSamples.at(5)
            )
            let calls = try await store.history.calls(madeBy: caller)
            #expect(calls.map(\.id) == ["c1", "c2"])
            #expect(calls.map(\.callee) == [served.instance, nil])
            #expect(calls[0].state == .error && calls[0].endedAt == StoreSamples.at(5))
            #expect(try await store.history.calls(to: ops, limit: 1).map(\.id) == ["c2"])
            #expect(try await store.history.call("c2")?.createdAt == StoreSamples.at(1))
            let edge = CallEdge(caller: caller.agent, target: ops, count: 2, failed: 1)
            #expect(try await store.history.callEdges(of: nil, since: StoreSamples.at(0)) == [edge])
            #expect(try await store.history.callEdges(of: caller.agent, since: StoreSamples.at(9)).isEmpty)
        },
        StoreConformance("a delivery is kept with what it meant for each agent") { store in
            let new = try StoreSamples.delivery("d1", providerID: "p", agents: ["dev", "ops"], skipped: ["old"])
            _ = try await store.record(new)
            let run = try #require(
                try await store.claimNext(
                    of: try StoreSamples.agent("dev"),
                    as: try StoreSamples.run("dev", 1),
                    rule: .any
                ).run
            )
            _ = try await store.record(try StoreSamples.delivery("d2", providerID: "p", agents: ["dev", "ops"], at: 1))
            let first = try #require(try await store.history.receipt("d1"))
            #expect(first.status == .dispatched && first.firstID == "d1" && first.providerDeliveryID == "p")
            let (dev, ops) = (try StoreSamples.agent("dev"), try StoreSamples.agent("ops"))
            #expect(first.work(of: dev)?.instance == run.instance)
            #expect(first.work(of: ops)?.state == "waiting" && first.work(of: ops)?.instance == nil)
            let item = try #require(first.work(of: ops)?.itemID)
            #expect(try await store.history.item(item)?.state == .waiting)
            let old = try StoreSamples.agent("old")
            #expect(first.decisions[old] == "disabled" && first.work(of: old) == nil)
            let second = try #require(try await store.history.receipt("d2"))
            #expect(second.status == .duplicate && second.firstID == "d1")
            #expect(second.decisions == [dev: "repeated", ops: "repeated"])
            #expect(try await store.history.receipts(ReceiptQuery(agent: old)).receipts.map(\.id) == ["d1"])
            #expect(try await store.history.receipt("nothing") == nil)
        },
        StoreConformance("the audit balances whatever happened, and counts by end and reason") { store in
            let dev = try StoreSamples.agent("dev")
            let slot = try StoreSamples.run("dev", 1)
            try await store.fire(slot, at: StoreSamples.at(60))
            try await store.settle(.skipped(.busy), of: dev, at: StoreSamples.at(120))
            try await store.settle(.missed, of: dev, at: StoreSamples.at(180))
            for id in ["d1", "d2", "d3"] {
                _ = try await store.record(
                    try StoreSamples.delivery(id, providerID: id, agents: ["dev"], skipped: ["old"], limit: 2)
                )
            }
            _ = try await store.record(try StoreSamples.delivery("d4", providerID: "d2", agents: ["dev"], limit: 2))
            _ = try await store.claimNext(of: dev, as: try StoreSamples.run("dev", 2), rule: .any)
            let order = try StoreSamples.call("c1", from: slot.instance, to: "ops")
            _ = try await store.createCall(order.call, item: order.item)
            _ = try await store.end(slot.instance.run, with: .init(state: .succeeded), at: StoreSamples.at(5))
            let audit = try await store.history.audit(since: StoreSamples.at(-1))
            #expect(audit.isBalanced)
            #expect(audit.slots.ends == ["fired": ["": 1], "missed": ["": 1], "skipped": ["busy": 1]])
            #expect(audit.deliveries.total == 7)
            #expect(audit.deliveries.ends["dropped"] == ["queue full": 1])
            #expect(audit.deliveries.ends["ran"] == ["": 1])
            #expect(audit.deliveries.ends["repeated"] == ["": 1])
            #expect(audit.deliveries.ends["skipped"] == ["disabled": 3])
            #expect(audit.deliveries.ends["waiting"] == ["": 1])
            #expect(audit.runs.ends == ["alive": ["": 1], "succeeded": ["": 1]])
            #expect(audit.calls.ends == ["error": ["": 1]])
            #expect(try await store.history.audit(since: StoreSamples.at(1000)).slots.total == 0)
        },
        StoreConformance("a slot that came due between others and has no record is found by the audit") { store in
            let dev = try StoreSamples.agent("dev")
            _ = try await store.noteSchedules([dev: "*/5 * * * * UTC"], at: StoreSamples.at(0))
            for seconds in [300.0, 600] { try await store.settle(.missed, of: dev, at: StoreSamples.at(seconds)) }
            let gap = SlotDecision(
                agent: dev,
                due: StoreSamples.at(1500),
                end: .missedMany(first: StoreSamples.at(900), count: 3)
            )
            _ = try await store.decide([gap])
            #expect(try await store.history.audit(since: .distantPast).isBalanced)
            try await store.settle(.missed, of: dev, at: StoreSamples.at(2100))
            let audit = try await store.history.audit(since: .distantPast)
            #expect(!audit.isBalanced)
            #expect(audit.slots.total == 7 && audit.slots.counted == 6)
            let open = Audit.OpenRow(kind: "slot", name: "dev 2027-01-15 08:30", problem: "came due, but has no record")
            #expect(audit.open == [open])
            // Those before are another question.
            #expect(try await store.history.audit(since: StoreSamples.at(2000)).isBalanced)
        },
        StoreConformance("of forgotten slots the audit finds a hundred, also those of a schedule with seconds") {
            store in
            let (dev, ops) = (try StoreSamples.agent("dev"), try StoreSamples.agent("ops"))
            _ = try await store.noteSchedules(
                [dev: "*/20 * * * * * UTC", ops: "* * * * * UTC"],
                at: StoreSamples.at(0)
            )
            for seconds in [20.0, 60] { try await store.settle(.missed, of: dev, at: StoreSamples.at(seconds)) }
            let one = try await store.history.audit(since: .distantPast)
            #expect(one.open.count == 1 && one.slots.total == 3)
            for seconds in [60.0, 60_000] { try await store.settle(.missed, of: ops, at: StoreSamples.at(seconds)) }
            let audit = try await store.history.audit(since: .distantPast)
            #expect(audit.open.count == 100 && audit.slots.total == 104)
        },
        StoreConformance("items that took each other's place are one reason in the audit") { store in
            for id in ["d1", "d2", "d3"] {
                var delivery = try StoreSamples.delivery(id)
                delivery.items[0].group = "g"
                _ = try await store.record(delivery)
            }
            let audit = try await store.history.audit(since: StoreSamples.at(-1))
            #expect(audit.isBalanced)
            #expect(audit.deliveries.ends == ["dropped": ["superseded": 2], "waiting": ["": 1]])
        },
    ]
}
