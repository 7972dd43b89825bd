import Domain
import FoundationEssentials
import Storage

/// The recorded facts about one delivery, and what they say.
struct DeliveryStory: Sendable {
    /// The work that a delivery meant for an agent.
    struct Work: Sendable {
        var item: WorkItem?
        /// The newest run of that item.
        var run: RunRecord?
        /// Why the item waits; `nil` when it does not.
        var reasonToWait: String?
    }

    var receipt: Receipt
    var facts: ProjectFacts
    var now: Date
    /// By agent.
    var work: [AgentName: Work] = [:]
    /// The deliveries that repeat this one by order of a person, oldest first.
    var replays: [Receipt] = []

    init(
        _ receipt: Receipt,
        facts: ProjectFacts,
        now: Date,
        work: [AgentName: Work] = [:],
        replays: [Receipt] = []
    ) {
        self.receipt = receipt
        self.facts = facts
        self.now = now
        self.work = work
        self.replays = replays
    }

    private var wording: WhyWording { WhyWording(zone: facts.defaultZone, now: now) }
    private var record: String { "delivery \(receipt.id)" }
    private var first: String? { receipt.firstID == receipt.id ? nil : "delivery \(receipt.firstID)" }
    private var what: String {
        let event = receipt.summary.isEmpty ? "" : " (\(receipt.summary))"
        return "The \(receipt.type) delivery of \(wording.time(receipt.receivedAt))\(event)"
    }

    /// Everything there is to say: what it was, for each agent what became of it or which filter said no, and what came of
    /// it later.
    var sentences: [WhySentence] {
        let event = receipt.summary.isEmpty ? "a delivery" : receipt.summary
        let came = "\(receipt.type) sent \(event) at \(wording.time(receipt.receivedAt))."
        let decided = receipt.decisions.sorted { $0.key < $1.key }.map { sentence(about: $0.key, $0.value) }
        return [WhySentence(came.capitalizedFirst, record: record)] + whole + decided + refusals + redeliveries
            + replays.map(sentence(aboutReplay:))
    }

    private var whole: [WhySentence] {
        switch receipt.status {
        case .duplicate:
            let first = first ?? "an earlier delivery"
            return [
                WhySentence(
                    "It is a duplicate of \(first): the provider sent the same delivery id again, so nothing new started.",
                    record: first
                )
            ]
        case .ignored: return [WhySentence("It is an event that no agent can use, such as a ping.", record: record)]
        case .rejected:
            let reason = receipt.reason ?? "no reason was recorded"
            return [WhySentence("It was refused, so nothing started: \(reason).", record: record)]
        case .unmatched:
            return [WhySentence("No agent's webhook triggers fit it, so nothing started.", record: record)]
        case .dispatched: return []
        }
    }

    private func sentence(about agent: AgentName, _ decision: String) -> WhySentence {
        let work = work[agent]
        switch decision {
        case "disabled": return WhySentence("\(agent) was disabled, so it was skipped.", record: record)
        case "repeated":
            guard let run = work?.run else {
                return WhySentence("\(agent) has its work already: \(state(of: work, for: agent)).", record: record)
            }
            return WhySentence("\(agent) had started \(run.instance) for it before.", record: "run \(run.instance)")
        default:
            guard let run = work?.run else {
                return WhySentence("For \(agent) \(state(of: work, for: agent)).", record: record)
            }
            return WhySentence(
                "\(agent) ran as \(run.instance). \(wording.end(of: run))",
                record: "run \(run.instance)"
            )
        }
    }

    /// Where the work is that has no run.
    private func state(of work: Work?, for agent: AgentName) -> String {
        guard let work, let item = work.item else { return "no work item is recorded" }
        switch item.state {
        case .waiting: return "it waits: \(work.reasonToWait ?? "no reason is known")"
        case .dropped:
            let came = "it was dropped: \(item.reason ?? "no reason was recorded")"
            return cameAgain(for: agent) ? came : "\(came); al webhook replay \(receipt.id) runs it"
        case .claimed: return "it was taken from the queue"
        }
    }

    // MARK: What came later

    /// The work that a later delivery of the same id brought an agent.
    private func laterWork(of agent: AgentName) -> Receipt.Work? {
        guard let own = receipt.work.lastIndex(where: { $0.agent == agent && $0.deliveryID == receipt.id }) else {
            return nil
        }
        return receipt.work[(own + 1)...].last { $0.agent == agent }
    }

    private func cameAgain(for agent: AgentName) -> Bool {
        laterWork(of: agent) != nil || replays.contains { $0.decisions[agent] == "started" }
    }

    /// The provider sent it once more after its work had come to nothing.
    private var redeliveries: [WhySentence] {
        receipt.decisions.keys.sorted().compactMap(laterWork).map { work in
            let record = "delivery \(work.deliveryID)"
            return WhySentence("The provider sent it again later: \(Self.state(of: work)).", record: record)
        }
    }

    private func sentence(aboutReplay replay: Receipt) -> WhySentence {
        let states = replay.decisions.keys.sorted().compactMap(replay.work).map(Self.state(of:))
        let came = states.isEmpty ? "nothing started" : states.joined(separator: ", ")
        return WhySentence(
            "It was replayed \(wording.time(replay.receivedAt)): \(came).",
            record: "delivery \(replay.id)"
        )
    }

    private static func state(of work: Receipt.Work) -> String {
        if let instance = work.instance { return "\(work.agent) ran as \(instance) (\(work.state))" }
        guard work.state == WorkItemState.dropped.rawValue else { return "for \(work.agent) it waits" }
        return "for \(work.agent) it was dropped (\(work.reason ?? "no reason was recorded"))"
    }

    // MARK: What did not match

    private var refusals: [WhySentence] {
        Set(receipt.verdicts.map(\.agent)).sorted().compactMap { agent in
            nearestRefusal(of: agent).map {
                WhySentence("\(agent) did not start: \(wording.refusal($0)).", record: record)
            }
        }
    }

    /// What kept the delivery from an agent that listens to such deliveries; `nil` where it matched or is of another kind.
    private func nearestRefusal(of agent: AgentName) -> FilterRefusal? {
        guard receipt.decisions[agent] == nil else { return nil }
        let refusals = receipt.verdicts.filter { $0.agent == agent }.compactMap(\.refusal)
            .filter { !["type", "source"].contains($0.filter) }
        return refusals.first { $0.filter != "event" } ?? refusals.first
    }

    /// Why the delivery led to no run of an agent; `nil` when it did, still may, or was none of its business.
    func refusal(of agent: AgentName) -> WhySentence? {
        switch receipt.decisions[agent] {
        case "disabled": return WhySentence("\(what) was skipped: \(agent) was disabled.", record: record)
        case "repeated":
            let first = first.map { " of \($0)" } ?? ""
            return WhySentence("\(what) was a duplicate\(first), so nothing new started.", record: record)
        case nil where receipt.status == .rejected:
            let reason = receipt.reason ?? "no reason was recorded"
            return WhySentence("\(what) was refused: \(reason).", record: record)
        case nil:
            guard let refusal = nearestRefusal(of: agent) else { return nil }
            return WhySentence("\(what) did not start it: \(wording.refusal(refusal)).", record: record)
        default: return nil
        }
    }
}
