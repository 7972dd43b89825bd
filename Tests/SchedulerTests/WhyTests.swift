import Domain
import Foundation
import Storage
import TestSupport
import Testing

@testable import Scheduler

@Suite("What al why says")
struct WhyTests {
    @Test("every incident is explained by its true cause and the record of it", arguments: Incident.all)
    func incidents(incident: Incident) async throws {
        try await withTemporaryStore { store in
            var scene = try Scene()
            try await incident.happen(store, &scene)
            let sentences = try await scene.sentences(about: incident.target, in: store)
            let fitting = sentences.first { $0.text.contains(incident.says) }
            #expect(fitting != nil, "\(sentences.map(\.text))")
            #expect(fitting?.record == incident.record)
        }
    }

    @Test("there are at least thirty incidents, each with a name of its own")
    func count() {
        #expect(Incident.all.count >= 30)
        #expect(Set(Incident.all.map(\.name)).count == Incident.all.count)
    }

    @Test("an unknown target has no answer")
    func unknown() async throws {
        try await withTemporaryStore { store in
            var scene = try Scene()
            scene.agents = []
            let facts = scene.facts
            let reader = WhyReader(
                history: store.history,
                facts: facts,
                transcript: { _ in [] },
                now: StoreSamples.start
            )
            for target in ["nobody", "dev-00000001", "No Name!", ""] {
                let answer = try await reader.answer(to: target)
                #expect(answer == nil)
            }
        }
    }

    @Test("what is over and done is not held against an agent that ran since")
    func oldTroubles() async throws {
        try await withTemporaryStore { store in
            let scene = try Scene()
            try await store.skip(.busy, at: 60)
            try await store.fire(1, at: 300)
            try await store.finish(1, RunOutcome(state: .succeeded, exitCode: 0), at: 310)
            let sentences = try await scene.sentences(about: "dev", in: store)
            #expect(!sentences.contains { $0.text.contains("skipped") })
            #expect(
                sentences.map(\.text) == [
                    "dev is idle.",
                    "Its last run, dev-00000001, started 2027-01-15 08:05:00 because its schedule was due "
                        + "(slot 2027-01-15 08:05).",
                    "It succeeded after 10s.", "Its schedule is due next at 2027-01-15 08:15:00, in 5m.",
                ]
            )
        }
    }

    @Test("an agent whose files are not in force is not called gone", arguments: ["dev", "lost"])
    func fileProblem(name: String) async throws {
        try await withTemporaryStore { store in
            var scene = try Scene()
            scene.change("dev") { $0.schedule = nil }
            var facts = scene.facts
            facts.fileProblems = [name: "agents/\(name)/agent-config.toml:2: schedule: wrong"]
            try await store.order(name, 1)
            let now = StoreSamples.start
            let reader = WhyReader(history: store.history, facts: facts, transcript: { _ in [] }, now: now)
            let texts = try #require(try await reader.answer(to: name)).sentences.map(\.text)
            let problem = "Its files are not in force: agents/\(name)/agent-config.toml:2: schedule: wrong"
            #expect(texts.contains(problem), "\(texts)")
            #expect(!texts.contains { $0.contains("no agent") })
            facts.phase = .absent
            let offline = WhyReader(history: store.history, facts: facts, transcript: { _ in [] }, now: now)
            let said = try #require(try await offline.answer(to: name)).sentences.map(\.text)
            // Of what can be read, another start may have a better opinion.
            let effect = name == "dev" ? "al start refuses its files" : "Its files are not in force"
            #expect(!said.contains { $0.contains("neither schedule nor webhooks") })
            #expect(said.contains("\(effect): agents/\(name)/agent-config.toml:2: schedule: wrong"), "\(said)")
        }
    }

    @Test("a zone is called what the files call it")
    func zoneName() throws {
        var scene = try Scene()
        scene.change("dev") { $0.timezone = "UTC" }
        let fires = UpcomingFires.all(in: scene.facts, agent: nil, count: 1, after: StoreSamples.start)
        #expect(fires.first?.zoneName == "UTC")
    }

    @Test("what is due and only waits for its jitter fires next")
    func jitter() throws {
        var scene = try Scene()
        scene.change("dev") { $0.jitter = 200 }
        let jitter = Double(
            ScheduleJitter.seconds(project: "0123456789ab", agent: try AgentName("dev"), within: 200)
        )
        try #require(jitter > 1)
        let now = StoreSamples.at(300 + jitter - 1)
        let fires = UpcomingFires.all(in: scene.facts, agent: nil, count: 1, after: now)
        #expect(fires.first?.slots == [StoreSamples.at(300)])
        #expect(fires.first?.fireAt == [now + 1])
    }

    @Test("an agent without an image says so, and so does what waits for it")
    func imageProblem() async throws {
        try await withTemporaryStore { store in
            let scene = try Scene()
            var facts = scene.facts
            facts.imageProblems = [try AgentName("ops"): "no such file: Dockerfile"]
            _ = try await store.enqueue(try StoreSamples.item("ops", "i1", at: 1))
            let now = StoreSamples.at(2)
            let reader = WhyReader(history: store.history, facts: facts, transcript: { _ in [] }, now: now)
            let texts = try #require(try await reader.answer(to: "ops")).sentences.map(\.text)
            #expect(texts.contains("Its image is not there, so nothing starts: no such file: Dockerfile."), "\(texts)")
            #expect(texts.contains { $0.hasSuffix(": its image is not there: no such file: Dockerfile.") }, "\(texts)")
        }
    }

    @Test("the fires of a schedule, with what keeps them from happening")
    func fires() throws {
        var scene = try Scene()
        try scene.change("ops") { $0.schedule = try CronSchedule("0 0 31 2 *") }
        scene.phase = .absent
        var facts = scene.facts
        let all = UpcomingFires.all(in: facts, agent: nil, count: 2, after: StoreSamples.at(1))
        #expect(all.map(\.agent.rawValue) == ["dev", "ops"])
        #expect(all[0].slots == [StoreSamples.at(300), StoreSamples.at(600)])
        #expect(all.map(\.note) == [nil, "never"])
        facts.flags.pausedSince = StoreSamples.at(0)
        #expect(UpcomingFires.all(in: facts, agent: nil, count: 1, after: StoreSamples.at(1)).first?.note == "paused")
        facts.flags.disabledAgents = [try AgentName("dev")]
        #expect(UpcomingFires.all(in: facts, agent: nil, count: 1, after: StoreSamples.at(1)).first?.note == "disabled")
        #expect(UpcomingFires.all(in: facts, agent: try AgentName("hook"), count: 1, after: StoreSamples.start).isEmpty)
    }
}
