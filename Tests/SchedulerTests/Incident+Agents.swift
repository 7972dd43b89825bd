import Domain
import Foundation
import Storage
import TestSupport

@testable import Scheduler

extension Incident {
    static let all: [Incident] = slots + waiting + budgets + lost + moments + ends + chains + deliveries + items

    static let slots: [Incident] = [
        Incident(
            "a slot found every runner busy",
            why: "dev",
            says: "busy with dev-00000001",
            record: "slot 2027-01-15 08:05"
        ) {
            store,
            _ in
            try await store.fire(1, at: 0)
            try await store.skip(.busy, at: 300)
        },
        Incident(
            "a slot came while the scheduler was paused",
            why: "dev",
            says: "skipped: the scheduler was paused",
            record: "slot 2027-01-15 08:05"
        ) {
            store,
            _ in try await store.skip(.paused, at: 300)
        },
        Incident(
            "a slot came while the agent was disabled",
            why: "dev",
            says: "skipped: dev was disabled",
            record: "slot 2027-01-15 08:05"
        ) {
            store,
            _ in try await store.skip(.disabled, at: 300)
        },
        Incident(
            "a slot came while the scheduler was stopping",
            why: "dev",
            says: "skipped: the scheduler was stopping",
            record: "slot 2027-01-15 08:05"
        ) {
            store,
            _ in try await store.skip(.draining, at: 300)
        },
        Incident(
            "the daily budget was spent",
            why: "dev",
            says: "skipped: the daily budget was spent",
            record: "slot 2027-01-15 08:05"
        ) {
            store,
            _ in try await store.skip(.budget, at: 300)
        },
        Incident(
            "the image was not there",
            why: "dev",
            says: "its image was not there",
            record: "slot 2027-01-15 08:05"
        ) {
            store,
            _ in try await store.skip(.noImage, at: 300)
        },
        Incident(
            "no scheduler ran when a slot was due",
            why: "dev",
            says: "was missed: no scheduler ran",
            record: "slot 2027-01-15 08:05"
        ) {
            store,
            _ in
            try await store.settle(.missed, at: 300)
        },
        Incident("the schedule never fires", why: "dev", says: "never fires any more", record: nil) { _, scene in
            try scene.change("dev") { $0.schedule = try CronSchedule("0 0 31 2 *") }
        },
    ]

    static let waiting: [Incident] = [
        Incident(
            "an order waits behind a run",
            why: "ops",
            says: "the only runner is busy with ops-00000001",
            record: "item i1"
        ) {
            store,
            _ in
            try await store.order("ops", 1)
            _ = try await store.enqueue(try StoreSamples.item("ops", "i1", at: 1))
        },
        Incident(
            "an order waits for the project's scale although its agent has a free runner",
            why: "ops",
            says: "waits since 2027-01-15 08:00:01: the project's scale of 1 is used up by dev-00000001.",
            record: "item i1"
        ) {
            store,
            scene in
            scene.config.scale = 1
            try await store.order("dev", 1)
            _ = try await store.enqueue(try StoreSamples.item("ops", "i1", at: 1))
        },
        Incident(
            "a delivery waits because the scheduler is paused",
            why: "hook",
            says: "waits since 2027-01-15 08:00:05: the scheduler is paused",
            record: "delivery d1"
        ) {
            store,
            scene in
            scene.flags.pausedSince = StoreSamples.at(0)
            _ = try await store.record(try StoreSamples.delivery("d1", agents: ["hook"], at: 5))
        },
        Incident(
            "a delivery waits because the agent was disabled meanwhile",
            why: "hook",
            says: ": hook is disabled.",
            record: "delivery d1"
        ) {
            store,
            scene in
            scene.flags.disabledAgents = [try StoreSamples.agent("hook")]
            _ = try await store.record(try StoreSamples.delivery("d1", agents: ["hook"]))
        },
        Incident(
            "items wait for a scheduler",
            why: "ops",
            says: "and 1 more after it: no scheduler runs",
            record: "item i1"
        ) {
            store,
            scene in
            scene.phase = .absent
            for id in ["i1", "i2"] { _ = try await store.enqueue(try StoreSamples.item("ops", id)) }
        },
        Incident(
            "items wait because the scheduler is stopping",
            why: "ops",
            says: "the next start takes it",
            record: "item i1"
        ) {
            store,
            scene in
            scene.phase = .stopping
            _ = try await store.enqueue(try StoreSamples.item("ops", "i1"))
        },
        Incident("a call waits", why: "ops", says: "A call by dev-00000001 waits", record: "call c1") { store, _ in
            try await store.order("dev", 1)
            try await store.order("ops", 2)
            let order = try StoreSamples.call("c1", from: try StoreSamples.instance("dev", 1), to: "ops")
            _ = try await store.createCall(order.call, item: order.item)
        },
    ]

    static let budgets: [Incident] = [
        Incident(
            "nothing of the agent starts because its daily budget is spent",
            why: "ops",
            says: "Its daily budget of $0.0500 is spent: it starts nothing until 2027-01-16 00:00:00",
            record: nil
        ) { store, scene in
            scene.change("ops") { $0.limits.maxCostPerDay = 0.05 }
            try await store.spend(0.05, by: try StoreSamples.agent("ops"), at: StoreSamples.at(1))
        },
        Incident(
            "nothing starts because the project's daily budget is spent by another agent",
            why: "ops",
            says: "The project's daily budget of $1.0000 is spent",
            record: nil
        ) { store, scene in
            scene.config.limits.maxCostPerDay = 1
            try await store.spend(1, by: try StoreSamples.agent("dev"), at: StoreSamples.at(1))
        },
        Incident(
            "a delivery waits because the daily budget is spent",
            why: "hook",
            says: "waits since 2027-01-15 08:00:05: daily budget of agent \"hook\" is spent until 2027-01-16 00:00:00",
            record: "delivery d1"
        ) { store, scene in
            try await spendAll(in: store, &scene)
            _ = try await store.record(try StoreSamples.delivery("d1", agents: ["hook"], at: 5))
        },
        Incident(
            "somebody asks for a delivery that waits because the daily budget is spent",
            why: "d1",
            says: "For hook it waits: daily budget of agent \"hook\" is spent until 2027-01-16 00:00:00.",
            record: "delivery d1"
        ) { store, scene in
            try await spendAll(in: store, &scene)
            _ = try await store.record(try StoreSamples.delivery("d1", agents: ["hook"], at: 5))
        },
        Incident(
            "the next slot will be skipped because the daily budget is spent",
            why: "dev",
            says: "due next at 2027-01-15 08:15:00, but the daily budget is spent",
            record: nil
        ) { store, scene in
            scene.change("dev") { $0.limits.maxCostPerDay = 0.05 }
            try await store.spend(0.06, by: try StoreSamples.agent("dev"), at: StoreSamples.at(1))
        },
    ]

    /// The day's money of `hook` is gone.
    private static func spendAll(in store: any Store, _ scene: inout Scene) async throws {
        scene.change("hook") { $0.limits.maxCostPerDay = 0.05 }
        try await store.spend(0.05, by: try StoreSamples.agent("hook"), at: StoreSamples.at(1))
    }

    static let lost: [Incident] = [
        Incident(
            "an item was dropped from a full queue",
            why: "ops",
            says: "was dropped: queue full",
            record: "item i1"
        ) {
            store,
            _ in
            for id in ["i1", "i2"] { _ = try await store.enqueue(try StoreSamples.item("ops", id, limit: 1)) }
        },
        Incident("the queue was cleared", why: "ops", says: "was dropped: scheduler stopped", record: "item i1") {
            store,
            _ in
            _ = try await store.enqueue(try StoreSamples.item("ops", "i1"))
            _ = try await store.dropWaiting(of: nil, reason: "scheduler stopped", at: StoreSamples.at(1))
        },
        Incident(
            "a delivery came while the agent was disabled",
            why: "hook",
            says: "was skipped: hook was disabled",
            record: "delivery d1"
        ) {
            store,
            _ in _ = try await store.record(try StoreSamples.delivery("d1", agents: [], skipped: ["hook"]))
        },
        Incident("a delivery came twice", why: "hook", says: "was a duplicate of delivery d1", record: "delivery d2") {
            store,
            scene in
            _ = try await store.record(try StoreSamples.delivery("d1", providerID: "p", agents: ["hook"]))
            try await store.claim("hook", 1, at: 1)
            try await store.finish(1, RunOutcome(state: .succeeded), at: 2)
            _ = try await store.record(try StoreSamples.delivery("d2", providerID: "p", agents: ["hook"], at: 3))
        },
    ]

    static let moments: [Incident] = [
        Incident("the agent has scale 0", why: "ops", says: "ops is disabled: its scale is 0", record: nil) {
            _,
            scene in
            scene.change("ops") { $0.scale = 0 }
        },
        Incident("somebody disabled the agent", why: "ops", says: "al resume ops enables it", record: nil) { _, scene in
            scene.flags.disabledAgents = [try StoreSamples.agent("ops")]
        },
        Incident(
            "the scheduler is paused",
            why: "dev",
            says: "The scheduler is paused since 2027-01-15 08:00:00: schedules skip "
                + "and all that nobody orders by hand waits until al resume.",
            record: nil
        ) { _, scene in
            scene.flags.pausedSince = StoreSamples.at(0)
        },
        Incident("no scheduler runs", why: "dev", says: "No scheduler runs", record: nil) { _, scene in
            scene.phase = .absent
        },
        Incident("the agent was never started", why: "ops", says: "has never run", record: nil) { _, _ in },
        Incident("the agent has no trigger", why: "ops", says: "neither schedule nor webhooks", record: nil) { _, _ in
        },
        Incident("the agent waits for webhooks", why: "hook", says: "webhooks start it", record: nil) { _, _ in },
        Incident(
            "the agent is at work",
            why: "ops",
            says: "1 of 1 runners busy: ops-00000001",
            record: "run ops-00000001"
        ) {
            store,
            _ in try await store.order("ops", 1)
        },
        Incident("the agent left the project", why: "gone", says: "no agent gone any more", record: nil) { store, _ in
            try await store.order("gone", 1)
        },
        Incident(
            "the agent is idle until its next slot",
            why: "dev",
            says: "due next at 2027-01-15 08:15:00, in 5m",
            record: nil
        ) {
            _,
            _ in
        },
    ]
}
