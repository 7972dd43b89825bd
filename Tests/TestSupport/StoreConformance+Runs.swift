import Domain
import Storage
import Testing

extension StoreConformance {
    static let runs: [StoreConformance] = [
        StoreConformance("a run goes from starting to running to its end, with all its facts") { store in
            let new = try StoreSamples.run("dev", 1, at: 1)
            let id = new.instance.run
            let started = try await store.startDirect(new)
            #expect(started.queuedAt == StoreSamples.at(1))
            let network = NetworkPolicy(allow: ["api.example.org"], isRequired: false).json
            try await store.setHandle(
                "box-1",
                runtime: "docker",
                isolation: "C",
                network: network,
                of: id,
                at: StoreSamples.at(2)
            )
            try await store.setRunning(id, at: StoreSamples.at(3))
            try await store.setLogPosition("42", of: id)
            let running = try #require(try await store.run(id))
            #expect(running.state == .running && running.handle == "box-1" && running.runtime == "docker")
            #expect(running.network == network && started.network == nil)
            #expect(running.isolation == "C" && running.models.isEmpty && running.cost == 0)
            #expect(running.logPosition == "42" && running.runningAt == StoreSamples.at(3) && running.outcome == nil)
            let outcome = RunOutcome(
                state: .failed,
                exitCode: 11,
                reason: "no access",
                usage: TokenUsage(input: 3, output: 4, cost: nil, turns: 1),
                summary: "tried",
                error: "the door is shut"
            )
            let ended = try await store.end(id, with: outcome, at: StoreSamples.at(9))
            #expect(ended?.outcome == outcome)
            #expect(ended?.endedAt == StoreSamples.at(9))
            #expect(try await store.run(id) == ended)
            #expect(try await store.openRuns().isEmpty)
        },
        StoreConformance("a run that ended keeps its first end") { store in
            let id = try StoreSamples.instance("dev", 1).run
            _ = try await store.startDirect(try StoreSamples.run("dev", 1))
            _ = try await store.end(id, with: .init(state: .killed, reason: "by hand"), at: StoreSamples.at(1))
            let again = try await store.end(id, with: .init(state: .succeeded), at: StoreSamples.at(2))
            try await store.setRunning(id, at: StoreSamples.at(3))
            #expect(again?.state == .killed)
            #expect(again?.outcome?.reason == "by hand")
            #expect(again?.endedAt == StoreSamples.at(1))
            #expect(try await store.run(id) == again)
        },
        StoreConformance("an outcome that is no end changes nothing; an unknown run has none") { store in
            let id = try StoreSamples.instance("dev", 1).run
            #expect(try await store.end(id, with: .init(state: .succeeded), at: StoreSamples.at(1)) == nil)
            _ = try await store.startDirect(try StoreSamples.run("dev", 1))
            #expect(try await store.end(id, with: .init(state: .running), at: StoreSamples.at(1))?.state == .starting)
        },
        StoreConformance("what a run returned early survives until its end") { store in
            let id = try StoreSamples.instance("dev", 1).run
            _ = try await store.startDirect(try StoreSamples.run("dev", 1))
            try await store.note(returnValue: ReturnValue("first", isCut: true), of: id)
            try await store.note(returnValue: ReturnValue("last"), of: id)
            let open = try await store.run(id)?.outcome
            #expect(open == RunOutcome(state: .starting, returnValue: "last"))
            let ended = try await store.end(id, with: .init(state: .succeeded, exitCode: 0), at: StoreSamples.at(1))
            #expect(ended?.outcome?.returnValue == "last")
        },
        StoreConformance("what a run was given and the first order to end it are kept") { store in
            let id = try StoreSamples.instance("dev", 1).run
            let started = try await store.startDirect(try StoreSamples.run("dev", 1))
            #expect(!started.hasFetchedModelKeys && started.stopCause == nil)
            try await store.noteModelKeys(fetchedBy: id)
            #expect(try await store.run(id)?.hasFetchedModelKeys == true)
            for cause in [StopCause.budget("spent"), .killed("by hand"), .timeout] {
                try await store.noteStop(cause, of: id)
                #expect(try await store.openRuns().first?.stopCause == .budget("spent"))
            }
        },
        StoreConformance("a run that starts may get another configuration; one that is up keeps its own") { store in
            let id = try StoreSamples.instance("dev", 1).run
            _ = try await store.startDirect(try StoreSamples.run("dev", 1))
            try await store.setConfiguration("new", timeout: 5, of: id)
            try await store.setRunning(id, at: StoreSamples.at(1))
            try await store.setConfiguration("newer", timeout: 6, of: id)
            let run = try #require(try await store.run(id))
            #expect(run.configHash == "new" && run.timeout == 5)
        },
        StoreConformance("runs are listed newest first, open ones oldest first") { store in
            for (number, agent) in ["dev", "ops", "dev"].enumerated() {
                _ = try await store.startDirect(try StoreSamples.run(agent, number))
            }
            func numbers(_ runs: [RunRecord]) -> [String] { runs.map(\.instance.run.rawValue) }
            let dev = try StoreSamples.agent("dev")
            #expect(numbers(try await store.runs(of: nil, limit: 2)) == ["00000002", "00000001"])
            #expect(numbers(try await store.runs(of: dev, limit: 9)) == ["00000002", "00000000"])
            #expect(numbers(try await store.openRuns()) == ["00000000", "00000001", "00000002"])
        },
    ]
}
