import Domain
import FoundationEssentials
import Storage

/// The recorded facts about one delivery, and what they say.
struct DeliveryStory: Sendable {
    var delivery: PastDelivery
    var facts: ProjectFacts
    var now: Date
    /// Runs that occupy the agents of waiting items.
    var alive: [RunRecord] = []

    init(_ delivery: PastDelivery, facts: ProjectFacts, now: Date, alive: [RunRecord] = []) {
        self.delivery = delivery
        self.facts = facts
        self.now = now
        self.alive = alive
    }

    private var wording: WhyWording { WhyWording(zone: facts.defaultZone, now: now) }
    private var record: String { "delivery \(delivery.id)" }

    /// Everything there is to say: what it was, and for each agent what became of it.
    var sentences: [WhySentence] {
        let what = "\(delivery.type) sent \(delivery.event) at \(wording.time(delivery.receivedAt))."
        return [WhySentence(what.capitalizedFirst, record: record)] + whole
            + delivery.verdicts.map { sentence(about: $0) }
    }

    private var whole: [WhySentence] {
        switch delivery.status {
        case "duplicate":
            let first = delivery.firstID.map { "delivery \($0)" } ?? "an earlier delivery"
            return [
                WhySentence(
                    "It is a duplicate of \(first): the provider sent the same delivery id again, so nothing new started.",
                    record: first
                )
            ]
        case "ignored": return [WhySentence("It is an event that no agent can use, such as a ping.", record: record)]
        case "unmatched" where delivery.verdicts.isEmpty:
            return [WhySentence("No agent's webhook triggers fit it, so nothing started.", record: record)]
        default: return []
        }
    }

    private func sentence(about verdict: PastDelivery.Verdict) -> WhySentence {
        let agent = verdict.agent
        switch verdict.decision {
        case "disabled": return WhySentence("\(agent) was disabled, so it was skipped.", record: record)
        case "repeated":
            guard let run = verdict.run else {
                return WhySentence("\(agent) has its work already: \(work(of: verdict)).", record: record)
            }
            return WhySentence("\(agent) had started \(run.instance) for it before.", record: "run \(run.instance)")
        default:
            guard let run = verdict.run else {
                return WhySentence("For \(agent) \(work(of: verdict)).", record: record)
            }
            return WhySentence(
                "\(agent) ran as \(run.instance). \(wording.end(of: run))",
                record: "run \(run.instance)"
            )
        }
    }

    /// Where the work is that has no run.
    private func work(of verdict: PastDelivery.Verdict) -> String {
        guard let item = verdict.item else { return "no work item is recorded" }
        switch item.state {
        case .waiting:
            return "it waits: \(reasonToWait(item))"
        case .dropped:
            return
                "it was dropped: \(item.reason ?? "no reason was recorded"); al webhook replay \(delivery.id) runs it"
        case .claimed: return "it was taken from the queue"
        }
    }

    private func reasonToWait(_ item: WorkItem) -> String {
        let story = AgentStory(
            name: item.agent,
            facts: facts,
            alive: alive.filter { $0.instance.agent == item.agent },
            slotBlockers: [],
            waiting: [item],
            now: now
        )
        return story.reasonToWait(item)
    }

    /// Why the delivery led to no run of an agent; `nil` when it did or still may.
    func refusal(of agent: AgentName) -> WhySentence? {
        guard let verdict = delivery.verdicts.first(where: { $0.agent == agent }) else { return nil }
        let what = "The \(delivery.type) delivery of \(wording.time(delivery.receivedAt)) (\(delivery.event))"
        switch verdict.decision {
        case "disabled": return WhySentence("\(what) was skipped: \(agent) was disabled.", record: record)
        case "repeated":
            let first = delivery.firstID.map { " of delivery \($0)" } ?? ""
            return WhySentence("\(what) was a duplicate\(first), so nothing new started.", record: record)
        default: return nil
        }
    }
}
