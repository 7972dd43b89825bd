import Domain
import Foundation
import Storage
import TestSupport
import Testing

@testable import Scheduler

/// Something that happened, and what `al why` must say about it.
struct Incident: Sendable, CustomTestStringConvertible {
    let name: String
    let target: String
    /// Must occur in one sentence.
    let says: String
    /// The record that this sentence names; `nil` = none.
    let record: String?
    /// Makes it happen.
    let happen: @Sendable (any Store, inout Scene) async throws -> Void

    init(
        _ name: String,
        why target: String,
        says: String,
        record: String?,
        _ happen: @escaping @Sendable (any Store, inout Scene) async throws -> Void
    ) {
        self.name = name
        self.target = target
        self.says = says
        self.record = record
        self.happen = happen
    }

    var testDescription: String { name }
}

/// The project around an incident: agents `dev` (every five minutes), `ops` (called), `hook` (webhooks).
struct Scene {
    var agents: [AgentConfig]
    var flags = SchedulerFlags()
    var phase = ProjectFacts.Phase.working
    var config = ProjectConfig()
    var transcript: [JSONValue] = []
    /// Seconds after ``StoreSamples/start``, which is 2027-01-15 08:00:00 UTC.
    var now = 600.0

    init() throws {
        var dev = AgentConfig(name: try AgentName("dev"), model: ModelConfig(provider: .scripted, model: "s"))
        dev.schedule = try CronSchedule("*/5 * * * *")
        let ops = AgentConfig(name: try AgentName("ops"), model: dev.model)
        var hook = AgentConfig(name: try AgentName("hook"), model: dev.model)
        hook.webhooks = [WebhookTriggerConfig(source: "hub")]
        agents = [dev, ops, hook]
    }

    mutating func change(_ name: String, _ body: (inout AgentConfig) throws -> Void) rethrows {
        for index in agents.indices where agents[index].name.rawValue == name { try body(&agents[index]) }
    }

    /// The project.
    var facts: ProjectFacts {
        var config = config
        config.webhooks["hub"] = WebhookSourceConfig(type: "github")
        return ProjectFacts(
            id: "0123456789ab",
            agents: agents,
            config: config,
            defaultZone: .gmt,
            flags: flags,
            phase: phase
        )
    }

    /// What `al why` says.
    func sentences(about target: String, in store: any Store) async throws -> [WhySentence] {
        let facts = facts
        let transcript = transcript
        let reader = WhyReader(
            history: store.history,
            facts: facts,
            transcript: { _ in transcript },
            now: StoreSamples.at(now)
        )
        return try #require(try await reader.answer(to: target)).sentences
    }
}

/// The usual steps of an incident.
extension Store {
    /// A slot of `dev` that fires as run n.
    func fire(_ number: Int, at seconds: Double) async throws {
        var run = try StoreSamples.run("dev", number, at: seconds)
        run.trigger = .schedule(slot: StoreSamples.at(seconds))
        _ = try await decide([
            SlotDecision(agent: run.instance.agent, due: StoreSamples.at(seconds), end: .fired(run, catchUp: nil))
        ])
    }

    /// A run by hand.
    func order(_ agent: String, _ number: Int, at seconds: Double = 0, rerun: Int = 0) async throws {
        var run = try StoreSamples.run(agent, number, at: seconds)
        run.rerun = rerun
        _ = try await startDirect(run)
    }

    func skip(_ reason: SlotSkipReason, at seconds: Double) async throws {
        try await settle(.skipped(reason), at: seconds)
    }

    /// A slot of `dev` that starts nothing.
    func settle(_ end: SlotEnd, at seconds: Double) async throws {
        _ = try await decide([
            SlotDecision(agent: try StoreSamples.agent("dev"), due: StoreSamples.at(seconds), end: end)
        ])
    }

    /// The oldest item of an agent, as run n.
    func claim(_ agent: String, _ number: Int, at seconds: Double = 0) async throws {
        let run = try StoreSamples.run(agent, number, at: seconds)
        _ = try await claimNext(of: run.instance.agent, as: run, rule: .any)
    }

    /// The end of run n.
    func finish(_ number: Int, _ outcome: RunOutcome, at seconds: Double) async throws {
        _ = try await end(RunID(bits: UInt32(number)), with: outcome, at: StoreSamples.at(seconds))
    }

    /// A delivery whose labels do not fit what `hook` wants.
    func recordFiltered(_ id: String, found: JSONValue?) async throws {
        var delivery = try StoreSamples.delivery(id, agents: [])
        let refusal = FilterRefusal(filter: "label", expected: ["agent", "bug"], found: found)
        delivery.verdicts = [TriggerVerdict(agent: try StoreSamples.agent("hook"), trigger: 0, refusal: refusal)]
        _ = try await record(delivery)
    }

    /// Two deliveries to `hook`, of which the second takes the place of the first.
    func supersede() async throws {
        for id in ["d1", "d2"] {
            var delivery = try StoreSamples.delivery(id, agents: ["hook"])
            delivery.items[0].group = "g"
            _ = try await record(delivery)
        }
    }

    /// Two deliveries to `hook`, of which the second is all that its queue holds; then that one is cleared too.
    func dropOne() async throws {
        for id in ["d1", "d2"] {
            _ = try await record(try StoreSamples.delivery(id, providerID: id, agents: ["hook"], limit: 1))
        }
        _ = try await dropWaiting(of: nil, reason: "scheduler stopped", at: StoreSamples.at(1))
    }

    /// A dropped delivery whose provider sends it again.
    func dropAndSendAgain() async throws {
        try await dropOne()
        _ = try await record(try StoreSamples.delivery("d3", providerID: "d1", agents: ["hook"], at: 2))
        try await claim("hook", 1)
        try await finish(1, RunOutcome(state: .succeeded), at: 3)
    }

    /// A delivery whose signature is wrong.
    func refuse(_ id: String) async throws {
        let rejection = RejectedDelivery(
            id: id,
            type: "github",
            source: nil,
            reason: "signature validation failed",
            receivedAt: StoreSamples.at(5),
            headers: [:],
            bodyBytes: 2
        )
        try await reject(rejection)
    }

    func finish(_ number: Int, code: Int, _ reason: String, at seconds: Double = 9) async throws {
        try await finish(number, RunOutcome(state: .failed, exitCode: code, reason: reason), at: seconds)
    }
}
