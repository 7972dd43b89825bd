import Domain
import Storage
import Testing

extension StoreConformance {
    /// A decision about a slot of the agent `dev`.
    private static func slot(_ seconds: Double, _ end: SlotEnd) throws -> SlotDecision {
        SlotDecision(agent: try StoreSamples.agent("dev"), due: StoreSamples.at(seconds), end: end)
    }

    static let slots: [StoreConformance] = [
        StoreConformance("a slot fires once, however often it is tried") { store in
            let run = try StoreSamples.run("dev", 1)
            let again = try StoreSamples.run("dev", 2)
            let started = try await store.decide([try slot(60, .fired(run, catchUp: nil))])
            #expect(started.map(\.run?.instance) == [run.instance])
            #expect(started.first?.run?.state == .starting)
            #expect(try await store.decide([try slot(60, .fired(again, catchUp: nil))]).isEmpty)
            #expect(try await store.decide([try slot(60, .missed)]).isEmpty)
            #expect(try await store.openRuns().map(\.instance) == [run.instance])
        },
        StoreConformance("a skipped or missed slot does not fire any more") { store in
            let (skipped, missed) = (try slot(60, .skipped(.busy)), try slot(120, .missed))
            #expect(try await store.decide([skipped, missed]).map(\.slot) == [skipped, missed])
            for seconds in [60.0, 120] {
                let run = try StoreSamples.run("dev", Int(seconds))
                #expect(try await store.decide([try slot(seconds, .fired(run, catchUp: nil))]).isEmpty)
            }
            #expect(try await store.openRuns().isEmpty)
        },
        StoreConformance("no slot inside a row that sums up many fires") { store in
            _ = try await store.decide([
                try slot(9000, .missedMany(first: StoreSamples.at(60), count: 150))
            ])
            for seconds in [60.0, 3000, 9000] {
                let run = try StoreSamples.run("dev", Int(seconds))
                #expect(try await store.decide([try slot(seconds, .fired(run, catchUp: nil))]).isEmpty)
            }
            for seconds in [0.0, 9060] {
                let run = try StoreSamples.run("dev", Int(seconds))
                #expect(try await store.decide([try slot(seconds, .fired(run, catchUp: nil))]).count == 1)
            }
        },
        StoreConformance("several slots are decided together, in the order given") { store in
            let (one, two) = (try StoreSamples.run("dev", 1), try StoreSamples.run("ops", 2))
            let decided = try await store.decide([
                try slot(60, .missed), try slot(120, .fired(one, catchUp: 2)),
                SlotDecision(agent: two.instance.agent, due: StoreSamples.at(60), end: .fired(two, catchUp: nil)),
            ])
            #expect(decided.map(\.run?.instance) == [nil, one.instance, two.instance])
        },
        StoreConformance("slots are decided up to the newest record, or up to when the schedule was first noted") {
            store in
            let (dev, ops) = (try StoreSamples.agent("dev"), try StoreSamples.agent("ops"))
            let first = try await store.noteSchedules([dev: "a", ops: "b"], at: StoreSamples.at(10))
            #expect(first == [dev: StoreSamples.at(10), ops: StoreSamples.at(10)])
            _ = try await store.decide([try slot(60, .skipped(.paused))])
            let second = try await store.noteSchedules([dev: "a", ops: "b"], at: StoreSamples.at(99))
            #expect(second == [dev: StoreSamples.at(60), ops: StoreSamples.at(10)])
            let changed = try await store.noteSchedules([dev: "other"], at: StoreSamples.at(100))
            #expect(changed == [dev: StoreSamples.at(100)])
            let back = try await store.noteSchedules([dev: "other", ops: "b"], at: StoreSamples.at(200))
            #expect(back == [dev: StoreSamples.at(100), ops: StoreSamples.at(200)])
        },
    ]
}
