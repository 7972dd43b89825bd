import Domain
import FoundationEssentials
import Logging
import Runtimes
import Storage

extension Scheduler {
    /// A slot that is this many seconds late is missed, not fired.
    static let slotTolerance = 60.0
    /// Longest sleep, so that a wall clock that was set is noticed.
    static let longestSleep = 60.0
    /// Slots that are decided in one transaction.
    static let slotBatch = 500
    /// Agents whose missed slots are recorded in one transaction.
    static let agentBatch = 20

    /// Fires the slots of all schedules when they are due, until cancelled.
    func keepTime() async {
        while !Task.isCancelled {
            let changed = clockChanges.subscribe()
            let now = setup.now()
            let due = slotClock.takeDue(at: now, limit: Self.slotBatch)
            guard due.isEmpty else {
                await slotsAreDue(due)
                noteChange()
                continue
            }
            let pause = slotClock.earliest().map { min(Self.longestSleep, $0.timeIntervalSince(now)) }
            await sleep(pause ?? Self.longestSleep, orUntil: changed)
        }
    }

    /// Decides about the slots that nobody saw and waits for the next ones.
    ///
    /// - Returns: the agents that got a run for what they missed.
    func openClock() async -> Set<AgentName> {
        let scheduled = roster.filter { $0.scale > 0 && $0.schedule != nil }
        // One moment for all of it: what comes due while the store works is left to the clock.
        let now = setup.now()
        var decided: [AgentName: Date] = [:]
        await attempt("noting the schedules") {
            let texts = Dictionary(uniqueKeysWithValues: scheduled.map { ($0.name, scheduleText(of: $0)) })
            decided = try await setup.store.noteSchedules(texts, at: now)
        }
        let caughtUp = await settleMissedSlots(since: decided, upTo: now)
        for agent in scheduled {
            logSchedule(of: agent)
            let settled = now.addingTimeInterval(-jitter(of: agent))
            setNextSlot(of: agent, dueAfter: decided[agent.name].map { max(settled, min($0, now)) } ?? settled)
        }
        noteChange()
        return caughtUp
    }

    /// The agent's schedule is new, perhaps another one, or gone: the clock follows it from now on.
    ///
    /// Where it is the same, what has come due and has no record yet is still owed.
    func scheduleChanged(of name: AgentName) async {
        let waiting = slotClock.remove(name)
        let now = setup.now()
        var decided: Date?
        await attempt("noting the schedules") {
            let scheduled = roster.filter { $0.scale > 0 && $0.schedule != nil }
            let texts = Dictionary(uniqueKeysWithValues: scheduled.map { ($0.name, scheduleText(of: $0)) })
            decided = try await setup.store.noteSchedules(texts, at: now)[name]
        }
        if let agent = agents[name], agent.scale > 0, agent.schedule != nil {
            logSchedule(of: agent)
            let settled = now.addingTimeInterval(-jitter(of: agent))
            // A slot that waits for its record is still owed while the store cannot say what is.
            let owed = waiting.map { min($0.due.addingTimeInterval(-1), settled) }
            // A clock that was set back left records of the future.
            let start = decided.map { min($0, now) } ?? owed ?? settled
            setNextSlot(of: agent, dueAfter: start, insteadOf: waiting, at: now)
        } else {
            board.change(name) { $0.nextRunAt = nil }
        }
        clockChanges.notify()
    }

    // MARK: Schedules of agents

    /// The zone in which an agent's schedule counts, and its days.
    func zone(of agent: AgentConfig) -> TimeZone { scheduleZone(of: agent).zone }

    private func scheduleZone(of agent: AgentConfig) -> ScheduleZone {
        ScheduleZone(of: agent, in: setup.config, machine: setup.defaultZone)
    }

    var projectZone: TimeZone {
        setup.config.timezone.flatMap(TimeZone.init(identifier:)) ?? setup.defaultZone
    }

    func nextDue(of agent: AgentConfig, after date: Date) -> Date? {
        agent.schedule.flatMap { setup.nextFire($0, date, zone(of: agent)) }
    }

    func jitter(of agent: AgentConfig) -> Double {
        Double(ScheduleJitter.seconds(project: setup.project.id.rawValue, agent: agent.name, within: agent.jitter))
    }

    /// Changes when slots of before say nothing about those of now.
    private func scheduleText(of agent: AgentConfig) -> String {
        "\(agent.schedule?.expression ?? "") \(zone(of: agent).identifier)"
    }

    private func logSchedule(of agent: AgentConfig) {
        guard let schedule = agent.schedule else { return }
        setup.logger.info("Scheduled \(agent.name): \"\(schedule.expression)\" (\(scheduleZone(of: agent).name))")
    }

    /// Waits for the agent's first slot that is due after a time.
    ///
    /// - Parameters:
    ///   - agent: as it is in force now.
    ///   - time: slots up to this one are decided.
    ///   - waiting: what the agent waited for under its configuration of before.
    ///   - now: the moment at which that was over.
    func setNextSlot(
        of agent: AgentConfig,
        dueAfter time: Date,
        insteadOf waiting: SlotClock.Entry? = nil,
        at now: Date? = nil
    ) {
        if let due = nextDue(of: agent, after: time) {
            var fireAt = due.addingTimeInterval(jitter(of: agent))
            // What only waited for its jitter is not late where there is less of it now.
            if let waiting, let now, waiting.due == due, waiting.fireAt >= now { fireAt = max(fireAt, now) }
            slotClock.set(agent.name, due: due, fireAt: fireAt)
        } else {
            slotClock.remove(agent.name)
        }
        refreshNextRun(of: agent.name)
    }

    /// Shows when the agent's schedule fires next; nothing while it is disabled.
    func refreshNextRun(of name: AgentName) {
        let isShown = agents[name].map(isEnabled) ?? false
        let next = isShown ? slotClock.nextFire(of: name) : nil
        board.change(name) { $0.nextRunAt = next }
    }
}
