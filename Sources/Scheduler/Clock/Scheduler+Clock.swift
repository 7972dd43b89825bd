import Domain
import FoundationEssentials
import Logging
import Storage

extension Scheduler {
    /// A slot that is this many seconds late is missed, not fired.
    static let slotTolerance = 60.0
    /// Longest sleep, so that a wall clock that was set is noticed.
    static let longestSleep = 60.0

    /// Fires the slots of all schedules when they are due, until cancelled.
    func keepTime() async {
        var next: [AgentName: Date] = [:]
        for agent in setup.agents where agent.scale > 0 && agent.schedule != nil {
            await attempt("recording missed slots") { try await recordMissedSlots(of: agent) }
            next[agent.name] = nextFire(of: agent, after: setup.now())
            logSchedule(of: agent)
            refreshNextRun(of: agent.name)
        }
        noteChange()
        while let earliest = next.values.min(), !Task.isCancelled {
            let now = setup.now()
            guard earliest <= now else {
                let pause = min(Self.longestSleep, earliest.timeIntervalSince(now))
                guard (try? await setup.clock.sleep(for: .seconds(pause))) != nil else { return }
                continue
            }
            for name in next.keys.sorted() {
                guard let due = next[name], due <= now, let agent = agents[name], !Task.isCancelled else { continue }
                await slotIsDue(due, agent: agent)
                next[name] = await nextSlot(after: due, agent: agent)
                refreshNextRun(of: name)
            }
            noteChange()
        }
    }

    private func nextFire(of agent: AgentConfig, after date: Date) -> Date? {
        agent.schedule.flatMap { setup.nextFire($0, date, zone(of: agent)) }
    }

    private func zone(of agent: AgentConfig) -> TimeZone {
        (agent.timezone ?? setup.config.timezone).flatMap(TimeZone.init(identifier:)) ?? setup.defaultZone
    }

    private func logSchedule(of agent: AgentConfig) {
        guard let schedule = agent.schedule else { return }
        let zone = zone(of: agent).identifier
        setup.logger.info("Scheduled \(agent.name): \"\(schedule.expression)\" (\(zone))")
    }

    /// Shows when the agent's schedule fires next; nothing while it is disabled.
    func refreshNextRun(of name: AgentName) {
        guard let agent = agents[name] else { return }
        let next = isEnabled(agent) ? nextFire(of: agent, after: setup.now()) : nil
        board.change(name) { $0.nextRunAt = next }
    }

    /// Writes down what was due while no scheduler ran.
    private func recordMissedSlots(of agent: AgentConfig) async throws {
        let known = try await setup.store.noteSchedules([agent.name: agent.schedule?.expression ?? ""], at: setup.now())
        guard let last = known[agent.name] else { return }
        let missed = MissedSlots.between(last, and: setup.now()) { nextFire(of: agent, after: $0) }
        _ = try await setup.store.decide(missed.map { SlotDecision(agent: agent.name, due: $0, end: .missed) })
        guard !missed.isEmpty else { return }
        setup.logger.info(
            "slots missed while no scheduler ran",
            metadata: ["agent": "\(agent.name)", "slots": .stringConvertible(missed.count)]
        )
    }

    /// The slot to wait for; those that a jump of the clock passed over are recorded on the way.
    private func nextSlot(after due: Date, agent: AgentConfig) async -> Date? {
        let latest = setup.now().addingTimeInterval(-Self.slotTolerance)
        let missed = MissedSlots.between(due, and: latest) { nextFire(of: agent, after: $0) }
        for slot in missed {
            await attempt("recording a slot") {
                _ = try await setup.store.decide([SlotDecision(agent: agent.name, due: slot, end: .missed)])
            }
        }
        return nextFire(of: agent, after: missed.isEmpty ? due : max(due, latest))
    }

    private func slotIsDue(_ due: Date, agent: AgentConfig) async {
        await attempt("recording a slot") {
            if setup.now().timeIntervalSince(due) > Self.slotTolerance {
                setup.logger.warning("slot missed: the clock woke too late", metadata: ["agent": "\(agent.name)"])
                _ = try await setup.store.decide([SlotDecision(agent: agent.name, due: due, end: .missed)])
            } else if let reason = reasonToSkip(agent) {
                try await skip(due, agent: agent, reason: reason)
            } else {
                try await fire(due, agent: agent)
            }
        }
    }

    private func reasonToSkip(_ agent: AgentConfig) -> SlotSkipReason? {
        if isStopping || isHandedOver { return .draining }
        if !isEnabled(agent) { return .disabled }
        if flags.isPaused { return .paused }
        if !isReady(agent.name) { return .noImage }
        return pool.canStart(agent.name) ? nil : .busy
    }

    private func skip(_ due: Date, agent: AgentConfig, reason: SlotSkipReason) async throws {
        if reason == .busy {
            setup.logger.warning(
                "all agent runners busy, skipping scheduled run",
                metadata: [
                    "agent": "\(agent.name)", "running": .stringConvertible(pool.running(agent.name)),
                    "scale": .stringConvertible(pool.scales[agent.name] ?? agent.scale),
                ]
            )
        } else {
            setup.logger.info(
                "scheduled run skipped",
                metadata: ["agent": "\(agent.name)", "reason": "\(reason.rawValue)"]
            )
        }
        _ = try await setup.store.decide([SlotDecision(agent: agent.name, due: due, end: .skipped(reason))])
    }

    private func fire(_ due: Date, agent: AgentConfig) async throws {
        guard pool.take(agent.name) else { return }
        do {
            guard
                let record = try await setup.store.decide([
                    SlotDecision(
                        agent: agent.name,
                        due: due,
                        end: .fired(newRun(of: agent, trigger: .schedule(slot: due)), catchUp: nil)
                    )
                ]).first
            else {
                pool.free(agent.name)
                return
            }
            enlist(record, agent: agent, handle: nil)
        } catch {
            pool.free(agent.name)
            throw error
        }
    }
}
