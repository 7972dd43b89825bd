import Domain
import Foundation
import Storage
import TestSupport

@testable import Scheduler

extension Incident {
    /// A transcript line with a tool call that has no result.
    private static let openTool: JSONValue = [
        "type": "message",
        "message": [
            "role": "assistant",
            "content": [["type": "toolCall", "id": "t1", "name": "bash", "arguments": ["command": "sleep 999"]]],
        ],
    ]

    /// The result that the call gets when it is killed at the end of the time.
    private static let lateResult: JSONValue = [
        "type": "message", "ts": 1_800_000_900_050, "message": ["role": "toolResult", "callId": "t1", "isError": true],
    ]

    static let ends: [Incident] = [
        Incident(
            "a tool ran when time was over",
            why: "dev-00000001",
            says: "it was running the tool bash: $ sleep 999",
            record: "run dev-00000001"
        ) {
            store,
            scene in
            scene.transcript = [openTool, lateResult]
            try await store.order("dev", 1)
            try await store.finish(
                1,
                RunOutcome(state: .timedOut, exitCode: 124, reason: "Timed out after 900s"),
                at: 900
            )
        },
        Incident(
            "a run took too long",
            why: "dev-00000001",
            says: "ended after 15m: its timeout is 900s",
            record: "run dev-00000001"
        ) {
            store,
            _ in
            try await store.order("dev", 1)
            try await store.finish(1, RunOutcome(state: .timedOut, exitCode: 124), at: 900)
        },
        Incident(
            "permission was denied",
            why: "dev-00000001",
            says: "failed after 9s: Container exited with code 11: Permission/access denied",
            record: "run dev-00000001"
        ) {
            store,
            _ in
            try await store.order("dev", 1)
            try await store.finish(1, code: 11, "Container exited with code 11: Permission/access denied")
        },
        Incident(
            "the model refused to answer",
            why: "dev-00000001",
            says: "The model had answered with rateLimit (HTTP 429): slow down",
            record: "run dev-00000001"
        ) {
            store,
            scene in
            scene.transcript = [
                ["type": "retry", "class": "rateLimit", "status": 429, "error": "slow down", "delayMs": 1000]
            ]
            try await store.order("dev", 1)
            try await store.finish(1, code: 12, "Container exited with code 12: Rate limit exceeded")
        },
        Incident(
            "a budget was spent",
            why: "dev-00000001",
            says: "a budget is spent (maxTurns 3)",
            record: "run dev-00000001"
        ) {
            store,
            _ in
            try await store.order("dev", 1)
            try await store.finish(1, code: 17, "Container exited with code 17: a budget is spent (maxTurns 3)")
        },
        Incident(
            "the guard saw repeated authentication failures",
            why: "dev-00000001",
            says: "repeated authentication failures of tools",
            record: "run dev-00000001"
        ) {
            store,
            _ in
            try await store.order("dev", 1)
            try await store.finish(
                1,
                code: 1,
                "Container exited with code 1: repeated authentication failures of tools"
            )
        },
        Incident(
            "the agent gave up by itself",
            why: "dev-00000001",
            says: "Unrecoverable error",
            record: "run dev-00000001"
        ) {
            store,
            _ in
            try await store.order("dev", 1)
            try await store.finish(1, code: 15, "Container exited with code 15: Unrecoverable error")
        },
        Incident("memory was used up", why: "dev-00000001", says: "out of memory", record: "run dev-00000001") {
            store,
            _ in
            try await store.order("dev", 1)
            try await store.finish(1, code: 137, "Container exited with code 137: out of memory")
        },
        Incident(
            "somebody killed the run",
            why: "dev-00000001",
            says: "It was killed after 4s: killed",
            record: "run dev-00000001"
        ) {
            store,
            _ in
            try await store.order("dev", 1)
            try await store.finish(1, RunOutcome(state: .killed, exitCode: 137, reason: "killed"), at: 4)
        },
        Incident(
            "the run pulled the kill switch",
            why: "dev-00000001",
            says: "shutdown requested: leaked key",
            record: "run dev-00000001"
        ) {
            store,
            _ in
            try await store.order("dev", 1)
            try await store.finish(1, RunOutcome(state: .killed, reason: "shutdown requested: leaked key"), at: 4)
        },
        Incident(
            "the container vanished at work",
            why: "dev-00000001",
            says: "not repeated by itself",
            record: "run dev-00000001"
        ) {
            store,
            _ in
            try await store.order("dev", 1)
            try await store.setRunning(RunID(bits: 1), at: StoreSamples.at(1))
            try await store.finish(1, RunOutcome(state: .lost, reason: "agent run lost"), at: 4)
        },
        Incident(
            "the container vanished before it was up",
            why: "dev-00000001",
            says: "so its item was put back into the queue; it waits",
            record: "item i1"
        ) {
            store,
            _ in
            _ = try await store.enqueue(try StoreSamples.item("dev", "i1"))
            try await store.claim("dev", 1)
            try await store.requeue(RunID(bits: 1), endingAs: .lost, reason: "agent run lost", at: StoreSamples.at(4))
        },
        Incident(
            "the item of a run that did not come up was taken again",
            why: "dev-00000001",
            says: "so its item was put back into the queue and dev-00000002 took it",
            record: "run dev-00000002"
        ) {
            store,
            _ in
            _ = try await store.enqueue(try StoreSamples.item("dev", "i1"))
            try await store.claim("dev", 1)
            try await store.requeue(RunID(bits: 1), endingAs: .lost, reason: "agent run lost", at: StoreSamples.at(4))
            try await store.claim("dev", 2, at: 5)
        },
        Incident(
            "a run that did not come up is not repeated when nobody promised that",
            why: "dev-00000001",
            says: "it is not repeated by itself",
            record: "run dev-00000001"
        ) {
            store,
            _ in
            try await store.order("dev", 1)
            try await store.finish(1, RunOutcome(state: .lost, reason: "agent run lost"), at: 4)
        },
        Incident("the launch failed", why: "dev-00000001", says: "It never came up", record: "run dev-00000001") {
            store,
            _ in
            try await store.order("dev", 1)
            try await store.finish(1, RunOutcome(state: .failed, reason: "no such image: al-dev"), at: 40)
        },
        Incident(
            "the run asked for another one",
            why: "dev-00000001",
            says: "asked for another run",
            record: "run dev-00000001"
        ) {
            store,
            _ in
            try await store.order("dev", 1)
            try await store.finish(1, RunOutcome(state: .succeeded, exitCode: 0, wantsRerun: true), at: 4)
        },
        Incident(
            "the price of a model is unknown",
            why: "dev-00000001",
            says: "30 tokens in 2 turns for a price that is not known",
            record: "run dev-00000001"
        ) {
            store,
            _ in
            try await store.order("dev", 1)
            let usage = TokenUsage(input: 10, output: 20, cost: nil, turns: 2)
            try await store.finish(1, RunOutcome(state: .succeeded, usage: usage), at: 4)
        },
        Incident("the run cost something", why: "dev-00000001", says: "for $1.0421", record: "run dev-00000001") {
            store,
            _ in
            try await store.order("dev", 1)
            try await store.finish(1, RunOutcome(state: .succeeded, usage: TokenUsage(cost: 1.0421, turns: 2)), at: 4)
        },
    ]

    static let chains: [Incident] = [
        Incident(
            "a run came from a call of a call",
            why: "c-00000003",
            says: "a-00000001 → b-00000002 → c-00000003",
            record: "run a-00000001"
        ) {
            store,
            _ in
            try await store.order("a", 1)
            var caller = try StoreSamples.instance("a", 1)
            for (number, name) in [(2, "b"), (3, "c")] {
                let order = try StoreSamples.call("call-\(name)", from: caller, to: name)
                _ = try await store.createCall(order.call, item: order.item)
                let run = try StoreSamples.run(name, number)
                _ = try await store.claimNext(of: run.instance.agent, as: run, rule: .any)
                caller = run.instance
            }
        },
        Incident(
            "a run waited behind another",
            why: "ops-00000002",
            says: "waited 10s behind ops-00000001",
            record: "run ops-00000002"
        ) {
            store,
            _ in
            try await store.order("ops", 1)
            _ = try await store.enqueue(try StoreSamples.item("ops", "i1", at: 5))
            try await store.finish(1, RunOutcome(state: .succeeded), at: 15)
            try await store.claim("ops", 2, at: 15)
        },
        Incident(
            "a run is a rerun",
            why: "dev-00000002",
            says: "asked for another one (rerun 1)",
            record: "run dev-00000002"
        ) {
            store,
            _ in try await store.order("dev", 2, rerun: 1)
        },
        Incident(
            "a call of the run failed",
            why: "dev-00000001",
            says: "call to ops failed: agent run failed (exit 1",
            record: "call c1"
        ) {
            store,
            _ in
            try await store.order("dev", 1)
            let order = try StoreSamples.call("c1", from: try StoreSamples.instance("dev", 1), to: "ops")
            _ = try await store.createCall(order.call, item: order.item)
            try await store.claim("ops", 2)
            try await store.finish(2, code: 1, "x")
        },
        Incident("the run holds a lock", why: "dev-00000001", says: "holds the lock on issue 7", record: "lock issue 7")
        {
            store,
            _ in
            try await store.order("dev", 1)
            let holder = try StoreSamples.instance("dev", 1)
            _ = try await store.acquireLock("issue 7", holder: holder, ttl: .seconds(1800), at: StoreSamples.at(1))
        },
    ]

    static let deliveries: [Incident] = [
        Incident("a delivery led to a run", why: "d1", says: "hook ran as hook-00000001", record: "run hook-00000001") {
            store,
            _ in
            _ = try await store.record(try StoreSamples.delivery("d1", agents: ["hook"]))
            try await store.claim("hook", 1)
        },
        Incident("a delivery was sent again", why: "d2", says: "duplicate of delivery d1", record: "delivery d1") {
            store,
            _ in
            for id in ["d1", "d2"] {
                _ = try await store.record(try StoreSamples.delivery(id, providerID: "p", agents: ["hook"]))
            }
        },
        Incident("a ping came", why: "d1", says: "no agent can use", record: "delivery d1") { store, _ in
            var ping = try StoreSamples.delivery("d1", agents: [])
            ping.context = nil
            _ = try await store.record(ping)
        },
        Incident(
            "no trigger fits a delivery",
            why: "d1",
            says: "No agent's webhook triggers fit it",
            record: "delivery d1"
        ) {
            store,
            _ in _ = try await store.record(try StoreSamples.delivery("d1", agents: []))
        },
        Incident(
            "a filter kept a delivery from the agent",
            why: "hook",
            says: "did not start it: its filter label wants agent and bug, the delivery has other",
            record: "delivery d1"
        ) { store, _ in try await store.recordFiltered("d1", found: ["other"]) },
        Incident(
            "a delivery found no agent whose filters it fits",
            why: "d1",
            says: "hook did not start: its filter label wants agent and bug, the delivery has none",
            record: "delivery d1"
        ) { store, _ in try await store.recordFiltered("d1", found: nil) },
        Incident(
            "a forged delivery was refused",
            why: "hook",
            says: "was refused: signature validation failed",
            record: "delivery r1"
        ) { store, _ in try await store.refuse("r1") },
        Incident(
            "somebody asks about a refused delivery",
            why: "r1",
            says: "It was refused, so nothing started: signature validation failed",
            record: "delivery r1"
        ) { store, _ in try await store.refuse("r1") },
        Incident(
            "the work of a delivery was dropped",
            why: "d1",
            says: "dropped: queue full; al webhook replay d1 runs it",
            record: "delivery d1"
        ) {
            store,
            _ in
            for id in ["d1", "d2"] {
                _ = try await store.record(try StoreSamples.delivery(id, agents: ["hook"], limit: 1))
            }
        },
        Incident(
            "the work of a delivery waits",
            why: "d1",
            says: "it waits: the only runner is busy with hook-00000009",
            record: "delivery d1"
        ) {
            store,
            _ in
            try await store.order("hook", 9)
            _ = try await store.record(try StoreSamples.delivery("d1", agents: ["hook"]))
        },
        Incident(
            "a delivery found a disabled agent",
            why: "d1",
            says: "hook was disabled, so it was skipped",
            record: "delivery d1"
        ) {
            store,
            _ in _ = try await store.record(try StoreSamples.delivery("d1", agents: [], skipped: ["hook"]))
        },
    ]

    /// Work items by their ids, and deliveries that came again.
    static let items: [Incident] = [
        Incident("an order waits", why: "i1", says: "the only runner is busy with ops-00000001", record: "item i1") {
            store,
            _ in
            try await store.order("ops", 1)
            _ = try await store.enqueue(try StoreSamples.item("ops", "i1", at: 1))
        },
        Incident("an order was dropped", why: "i1", says: "It was dropped: queue full", record: "item i1") { store, _ in
            for id in ["i1", "i2"] { _ = try await store.enqueue(try StoreSamples.item("ops", id, limit: 1)) }
        },
        Incident("an order ran", why: "i1", says: "It failed after 9s: x", record: "run ops-00000001") { store, _ in
            _ = try await store.enqueue(try StoreSamples.item("ops", "i1"))
            try await store.claim("ops", 1)
            try await store.finish(1, code: 1, "x")
        },
        Incident(
            "the work of a delivery took the place of other work and ran",
            why: "d2-hook",
            says: "hook ran as hook-00000001",
            record: "run hook-00000001"
        ) { store, _ in
            try await store.supersede()
            try await store.claim("hook", 1)
        },
        Incident(
            "the work of a delivery gave its place to other work",
            why: "d1-hook",
            says: "it was dropped: superseded by d2-hook",
            record: "delivery d1"
        ) { store, _ in try await store.supersede() },
        Incident(
            "a dropped delivery was sent again",
            why: "d1",
            says: "The provider sent it again later: hook ran as hook-00000001 (succeeded).",
            record: "delivery d3"
        ) { store, _ in try await store.dropAndSendAgain() },
        Incident(
            "a dropped delivery was sent again and needs no replay",
            why: "d1",
            says: "For hook it was dropped: queue full.",
            record: "delivery d1"
        ) { store, _ in try await store.dropAndSendAgain() },
        Incident(
            "a dropped delivery was replayed",
            why: "d1",
            says: "It was replayed 2027-01-15 08:00:02: hook ran as hook-00000001 (running).",
            record: "delivery d3"
        ) { store, _ in
            try await store.dropOne()
            var replay = try StoreSamples.delivery("d3", agents: ["hook"], at: 2)
            replay.replay = NewDelivery.Replay(original: "d1", orderedBy: "cli")
            _ = try await store.record(replay)
            try await store.claim("hook", 1)
            try await store.setRunning(RunID(bits: 1), at: StoreSamples.at(3))
        },
    ]
}
