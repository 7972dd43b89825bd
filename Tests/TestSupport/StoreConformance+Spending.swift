import Domain
import Storage
import Testing

extension StoreConformance {
    /// A reply that cost something.
    private static func reply(_ cost: Double, at seconds: Double, model: String? = "m") -> ModelReply {
        ModelReply(model: model, cost: cost, at: StoreSamples.at(seconds), position: "p\(Int(seconds))")
    }

    static let spending: [StoreConformance] = [
        StoreConformance("a counted reply adds to its run and its day and moves the position in the output") { store in
            let run = try StoreSamples.run("dev", 1)
            _ = try await store.startDirect(run)
            try await store.count(reply(0.25, at: 1, model: "big"), of: run.instance.run)
            try await store.count(reply(0.5, at: 2, model: "small"), of: run.instance.run)
            try await store.count(reply(0, at: 3, model: "big"), of: run.instance.run)
            let record = try #require(try await store.run(run.instance.run))
            #expect(record.cost == 0.75)
            #expect(record.models == ["big", "small"])
            #expect(record.logPosition == "p3")
        },
        StoreConformance("spending is summed per agent and over all, within the given times") { store in
            let (dev, ops) = (try StoreSamples.run("dev", 1), try StoreSamples.run("ops", 2))
            for run in [dev, ops] { _ = try await store.startDirect(run) }
            let hour = 3600.0
            try await store.count(reply(1, at: 0), of: dev.instance.run)
            try await store.count(reply(2, at: hour), of: dev.instance.run)
            try await store.count(reply(4, at: hour), of: ops.instance.run)
            func spent(_ agent: AgentName?, _ from: Double, _ to: Double) async throws -> Double {
                try await store.spent(by: agent, from: StoreSamples.at(from), to: StoreSamples.at(to))
            }
            #expect(try await spent(dev.instance.agent, 0, 2 * hour) == 3)
            #expect(try await spent(nil, 0, 2 * hour) == 7)
            #expect(try await spent(nil, hour, 2 * hour) == 6)
            #expect(try await spent(dev.instance.agent, 0, hour) == 1)
            #expect(try await spent(nil, 2 * hour, 3 * hour) == 0)
            try await store.spend(0.5, by: ops.instance.agent, at: StoreSamples.at(hour))
            #expect(try await spent(ops.instance.agent, 0, 2 * hour) == 4.5)
        },
        StoreConformance("the end of a run counts what its replies did not tell, once") { store in
            let run = try StoreSamples.run("dev", 1)
            _ = try await store.startDirect(run)
            try await store.count(reply(1, at: 0), of: run.instance.run)
            let outcome = RunOutcome(state: .succeeded, usage: TokenUsage(cost: 1.5, turns: 2))
            for _ in 1...2 { _ = try await store.end(run.instance.run, with: outcome, at: StoreSamples.at(1)) }
            #expect(try await store.run(run.instance.run)?.cost == 1.5)
            let day = 86_400.0
            let spent = try await store.spent(by: nil, from: StoreSamples.at(-day), to: StoreSamples.at(day))
            #expect(spent == 1.5)
        },
        StoreConformance("a reply of a run that is over is not counted") { store in
            let run = try StoreSamples.run("dev", 1)
            _ = try await store.startDirect(run)
            _ = try await store.end(run.instance.run, with: .init(state: .killed), at: StoreSamples.at(1))
            try await store.count(reply(1, at: 2), of: run.instance.run)
            #expect(try await store.run(run.instance.run)?.cost == 0)
            #expect(try await store.spent(by: nil, from: StoreSamples.at(0), to: StoreSamples.at(900)) == 0)
        },
        StoreConformance("a run remembers its allowance") { store in
            var run = try StoreSamples.run("dev", 1)
            run.allowance = 0.75
            #expect(try await store.startDirect(run).allowance == 0.75)
            #expect(try await store.run(run.instance.run)?.allowance == 0.75)
        },
    ]
}
