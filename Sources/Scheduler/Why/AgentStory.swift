import Domain
import FoundationEssentials
import Storage

/// The recorded facts about one agent, and what they say.
struct AgentStory: Sendable {
    var name: AgentName
    var facts: ProjectFacts
    /// Runs in `starting` or `running`, newest first.
    var alive: [RunRecord]
    /// The same of all agents, where the project's scale limits how many there may be.
    var aliveInProject: [RunRecord] = []
    /// The newest run that is over.
    var last: RunRecord?
    /// The newest slot that has an end.
    var slot: SlotRecord?
    /// What ran when that slot was skipped as busy.
    var slotBlockers: [RunRecord]
    /// Waiting items in queue order.
    var waiting: [WorkItem]
    /// The item dropped last.
    var dropped: WorkItem?
    /// Deliveries that may have been meant for the agent, newest first.
    var deliveries: [Receipt] = []
    /// A daily budget that concerns the agent and of which nothing is left.
    var spentBudget: DailyBudget?
    var now: Date

    private var config: AgentConfig? { facts.agent(name) }
    /// Whether there is nothing but files to go by, and a start as they have it would refuse the agent.
    private var isRefused: Bool {
        config != nil && facts.phase == .absent && facts.fileProblems[name.rawValue] != nil
    }
    private var wording: WhyWording { WhyWording(zone: facts.defaultZone, now: now) }

    /// Everything there is to say, in the order: now, before, next.
    var sentences: [WhySentence] {
        present + queue + past + future
    }

    // MARK: Now

    private var present: [WhySentence] {
        var sentences: [WhySentence] = []
        switch facts.phase {
        case .absent: sentences.append(WhySentence("No scheduler runs, so nothing starts: al start."))
        case .stopping: sentences.append(WhySentence("The scheduler is stopping: it starts nothing any more."))
        case .working:
            guard let since = facts.flags.pausedSince else { break }
            let text = "The scheduler is paused since \(wording.time(since)): schedules skip"
            sentences.append(WhySentence("\(text) and all that nobody orders by hand waits until al resume."))
        }
        let problem = facts.fileProblems[name.rawValue]
        if let problem {
            let effect = isRefused ? "al start refuses its files" : "Its files are not in force"
            sentences.append(WhySentence("\(effect): \(problem)"))
        }
        guard let config else {
            return problem == nil ? sentences + [WhySentence("The project has no agent \(name) any more.")] : sentences
        }
        if config.scale == 0 {
            sentences.append(WhySentence("\(name) is disabled: its scale is 0."))
        } else if facts.flags.disabledAgents.contains(name) {
            sentences.append(WhySentence("\(name) is disabled: al resume \(name) enables it."))
        }
        if let problem = facts.imageProblems[name] {
            sentences.append(WhySentence("Its image is not there, so nothing starts: \(excerpt(problem))."))
        }
        if let spentBudget { sentences.append(sentence(about: spentBudget)) }
        return sentences + [activity(scale: config.scale)]
    }

    private func sentence(about budget: DailyBudget) -> WhySentence {
        let whose = budget.agent == nil ? "The project's" : "Its"
        let limit = "$\(RunStory.money(budget.limit))"
        let rest = "it starts nothing until \(wording.time(budget.dayEnd))"
        return WhySentence("\(whose) daily budget of \(limit) is spent: \(rest).")
    }

    private func activity(scale: Int) -> WhySentence {
        guard let newest = alive.first else { return WhySentence("\(name) is idle.") }
        let runs = alive.map { "\($0.instance) since \(wording.time($0.startedAt))" }.joined(separator: ", ")
        return WhySentence(
            "\(name) has \(alive.count) of \(scale) runners busy: \(runs).",
            record: "run \(newest.instance)"
        )
    }

    private var queue: [WhySentence] {
        guard let first = waiting.first else { return [] }
        let rest = waiting.count == 1 ? "" : " and \(waiting.count - 1) more after it"
        return [
            WhySentence(
                "\(wording.purpose(of: first).capitalizedFirst) waits since \(wording.time(first.receivedAt))\(rest): "
                    + "\(reasonToWait(first)).",
                record: wording.record(of: first)
            )
        ]
    }

    private func excerpt(_ problem: String) -> String { WhyWording.excerpt(problem, limit: 200) }

    /// Why the first item does not run.
    func reasonToWait(_ item: WorkItem) -> String {
        let isOrder = item.trigger.kind == .manual
        switch facts.phase {
        case .absent: return "no scheduler runs"
        case .stopping: return "the scheduler is stopping; the next start takes it"
        case .working: break
        }
        if !isOrder, facts.flags.isPaused { return "the scheduler is paused" }
        if !isOrder, let config, !facts.isEnabled(config) { return "\(name) is disabled" }
        if let problem = facts.imageProblems[name] { return "its image is not there: \(excerpt(problem))" }
        if let spentBudget { return "\(spentBudget.refusal) until \(wording.time(spentBudget.dayEnd))" }
        if let due = item.dueAt, due > now { return "it is held back until \(wording.time(due)) (debounce)" }
        if let config, alive.count >= config.scale, let oldest = alive.last {
            let runners = config.scale == 1 ? "the only runner is" : "all \(config.scale) runners are"
            return "\(runners) busy with \(alive.count == 1 ? "\(oldest.instance)" : "\(oldest.instance) and others")"
        }
        if let scale = facts.config.scale, aliveInProject.count >= scale {
            let runs = aliveInProject.map { "\($0.instance)" }.joined(separator: ", ")
            return "the project's scale of \(scale) is used up by \(runs)"
        }
        if let key = item.key { return "a run with its key “\(key)” is alive, or no runner was free" }
        return "no runner was free when it came"
    }

    // MARK: Before

    private var past: [WhySentence] {
        var sentences: [WhySentence] = []
        if let last {
            sentences.append(
                WhySentence(
                    "Its last run, \(last.instance), started \(wording.time(last.startedAt)) because "
                        + "\(wording.cause(of: last)).",
                    record: "run \(last.instance)"
                )
            )
            sentences.append(WhySentence(wording.end(of: last), record: "run \(last.instance)"))
        } else if alive.isEmpty {
            sentences.append(WhySentence("\(name) has never run, as far as the history goes back."))
        }
        return sentences + failedTriggers
    }

    /// What came after the last run began and led to none.
    private var failedTriggers: [WhySentence] {
        let begin = ([last].compactMap { $0 } + alive).map(\.startedAt).max() ?? .distantPast
        var events: [(at: Date, sentence: WhySentence)] = []
        if let slot, let sentence = sentence(about: slot) { events.append((slot.dueAt, sentence)) }
        if let dropped { events.append((dropped.receivedAt, sentence(about: dropped))) }
        if let refused = newestRefusal { events.append(refused) }
        // A busy slot comes after the start of what made it busy, an item is dropped while others run.
        return events.filter { $0.at >= begin }.sorted { $0.at < $1.at }.map(\.sentence)
    }

    /// The newest delivery that led to no run.
    private var newestRefusal: (at: Date, sentence: WhySentence)? {
        for receipt in deliveries {
            guard let sentence = DeliveryStory(receipt, facts: facts, now: now).refusal(of: name) else { continue }
            return (receipt.receivedAt, sentence)
        }
        return nil
    }

    private func sentence(about slot: SlotRecord) -> WhySentence? {
        let record = wording.slot(slot.dueAt)
        switch slot.end {
        case "missed":
            return WhySentence(
                slot.count > 1
                    ? "\(slot.count) slots up to \(record) were missed: no scheduler ran at that time."
                    : "Its \(record) was missed: no scheduler ran at that time, or it woke more than a minute late.",
                record: record
            )
        case "skipped": return WhySentence("Its \(record) was skipped: \(skip(slot)).", record: record)
        default: return nil
        }
    }

    private func skip(_ slot: SlotRecord) -> String {
        switch slot.reason.flatMap(SlotSkipReason.init) {
        case .busy:
            slotBlockers.isEmpty
                ? "all its runners were busy"
                : "busy with \(slotBlockers.map { "\($0.instance)" }.joined(separator: ", "))"
        case .paused: "the scheduler was paused"
        case .disabled: "\(name) was disabled"
        case .draining: "the scheduler was stopping"
        case .budget: "the daily budget was spent"
        case .noImage: "its image was not there: it was still being built, or could not be"
        case nil: slot.reason ?? "no reason was recorded"
        }
    }

    private func sentence(about item: WorkItem) -> WhySentence {
        WhySentence(
            "\(wording.purpose(of: item).capitalizedFirst) of \(wording.time(item.receivedAt)) was dropped: "
                + "\(item.reason ?? "no reason was recorded").",
            record: wording.record(of: item)
        )
    }

    // MARK: Next

    private var future: [WhySentence] {
        guard let config else { return [] }
        guard let fires = UpcomingFires.all(in: facts, agent: name, count: 1, after: now).first else {
            guard config.webhooks.isEmpty else { return [WhySentence("It has no schedule: webhooks start it.")] }
            // What is wrong may be the source of a webhook.
            return isRefused ? [] : [WhySentence(byHandOnly)]
        }
        guard let next = fires.fireAt.first else {
            return [WhySentence("Its schedule “\(fires.expression)” never fires any more.")]
        }
        let time = wording.time(next)
        switch fires.note {
        case "disabled": return [WhySentence("Its schedule is due next at \(time), but it is disabled.")]
        case "paused": return [WhySentence("Its schedule is due next at \(time), but the scheduler is paused.")]
        default: break
        }
        if let end = spentBudget?.dayEnd, next < end {
            return [WhySentence("Its schedule is due next at \(time), but the daily budget is spent.")]
        }
        return [WhySentence("Its schedule is due next at \(time), \(wait(for: next)).")]
    }

    private var byHandOnly: String { "It has neither schedule nor webhooks: people and other agents start it." }

    private func wait(for date: Date) -> String { "in \(wording.duration(from: now, to: date))" }
}

extension String {
    /// The text with its first letter in upper case.
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
