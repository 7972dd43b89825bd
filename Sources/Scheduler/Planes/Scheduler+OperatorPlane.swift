import Domain
import FoundationEssentials
import Logging
import Runtimes
package import Storage

extension Scheduler: OperatorPlane {
    package func status() async throws -> SchedulerStatus {
        let depths = try await setup.store.queueDepths()
        let problems = await problems()
        let time = setup.now()
        let shown = roster.compactMap { agent -> AgentStatus? in
            guard var status = board.agents[agent.name] else { return nil }
            status.queuedItems = depths[agent.name] ?? 0
            return status
        }
        return SchedulerStatus(
            mode: setup.runtime.kind,
            projectName: setup.config.projectName,
            isInitializing: isInitializing,
            baseImageStep: baseImageStep,
            isPaused: flags.isPaused,
            isStopping: isStopping,
            startedAt: startedAt,
            cronJobCount: roster.count { $0.schedule != nil && isEnabled($0) },
            agents: shown,
            instances: board.instances(at: time),
            activity: board.activity,
            problems: problems,
            reloadProblems: reloadProblems
        )
    }

    package func problems() async -> [String] {
        let storage = await setup.store.problem().map { "storage: \($0)" }
        return [storage].compactMap(\.self) + health.problems(of: setup.runtime.kind.rawValue, at: setup.now())
    }

    package func spentBudgets() async throws -> [DailyBudget] { try await budgetReader.spentBudgets(of: roster) }

    package func locks() async throws -> [LockRecord] { try await setup.store.locks(of: nil, at: setup.now()) }

    package var history: any History { setup.store.history }

    package func facts() -> ProjectFacts {
        var facts = ProjectFacts(
            id: setup.project.id.rawValue,
            agents: roster,
            config: setup.config,
            defaultZone: setup.defaultZone,
            flags: flags,
            phase: isStopping || isHandedOver ? .stopping : .working
        )
        facts.fileProblems = reloadProblems
        facts.imageProblems = imageProblems
        return facts
    }

    package func trigger(_ name: String, prompt: String?) async throws -> TriggerAnswer {
        let agent = try agent(named: name)
        guard agent.scale > 0 else {
            throw RefusalError(code: .conflict, reason: "Agent \"\(name)\" is disabled (scale = 0)")
        }
        try refuseWhenStopping()
        try await refuseWhenSpent(agent)
        let item = newItem(of: agent, trigger: .manual(prompt: prompt), at: setup.now())
        let result = try await refusingFullQueue { try await setup.store.enqueue(item) }
        report(dropped: result.allDropped)
        await settleRemoval(of: agent.name)
        let instance = await claimAtOnce(item, of: agent)
        noteChange()
        wakeDispatcher()
        return TriggerAnswer(
            instance: instance,
            obstacle: instance == nil ? obstacle(to: agent) : nil,
            itemID: instance == nil ? item.id : nil
        )
    }

    private func obstacle(to agent: AgentConfig) -> TriggerAnswer.Obstacle? {
        if !isReady(agent.name) { return .image }
        if pool.idle(agent.name) == 0 { return .runners(pool.scales[agent.name] ?? agent.scale) }
        return pool.isGateOpen ? nil : pool.limit.map { .projectScale($0) }
    }

    /// Starts what waits before a new item and the item itself, as far as runners are free, so that whoever ordered it learns
    /// the name of its run.
    private func claimAtOnce(_ item: NewWorkItem, of agent: AgentConfig) async -> InstanceID? {
        await attempt("claiming an item") {
            var mayFindMore = true
            while mayFindMore, instance(of: item) == nil {
                let claimed = claimChanges.subscribe()
                mayFindMore = try await claimNext(of: agent) != nil
                guard !mayFindMore, claimsUnderWay[agent.name] != nil else { continue }
                // The dispatcher holds the runner and perhaps the item; what it got is known when its claim is over.
                for await _ in claimed { break }
                mayFindMore = !Task.isCancelled
            }
        }
        return instance(of: item)
    }

    private func instance(of item: NewWorkItem) -> InstanceID? {
        live.first { $0.value.record.itemID == item.id }?.key
    }

    package func setPaused(_ isPaused: Bool) async throws {
        let since = isPaused ? flags.pausedSince ?? setup.now() : nil
        try await setup.store.setPaused(since: since)
        flags.pausedSince = since
        for name in agents.keys { refreshNextRun(of: name) }
        note("scheduler", isPaused ? "Scheduler paused" : "Scheduler resumed")
        wakeDispatcher()
    }

    package func setEnabled(_ isEnabled: Bool, agent name: String) async throws {
        let agent = try agent(named: name)
        if isEnabled, agent.scale == 0 {
            let remedy = "set scale to 1 or more in its agent-config.toml"
            throw RefusalError(code: .conflict, reason: "Agent \"\(name)\" is disabled (scale = 0); \(remedy)")
        }
        try await setup.store.setEnabled(isEnabled, agent: agent.name)
        if isEnabled {
            flags.disabledAgents.remove(agent.name)
        } else {
            flags.disabledAgents.insert(agent.name)
        }
        board.change(agent.name) { $0.isEnabled = self.isEnabled(agent) }
        refreshNextRun(of: agent.name)
        note(name, isEnabled ? "enabled" : "disabled")
        wakeDispatcher()
    }

    package func kill(instance text: String) async throws {
        if let instance = InstanceID(text), liveChats[instance] != nil {
            return await endChat(instance, because: "killed")
        }
        guard let instance = InstanceID(text), live[instance] != nil else {
            throw RefusalError(code: .notFound, reason: "Instance \(text) not found")
        }
        try await stop(instance, because: .killed("killed"), grace: .zero)
    }

    package func kill(agent name: String) async throws -> Int {
        let agent = try agent(named: name)
        let targets = live.keys.filter { $0.agent == agent.name }.sorted()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for instance in targets {
                group.addTask { try await self.stop(instance, because: .killed("killed"), grace: .zero) }
            }
            // The others are told all the same.
            var failure: (any Error)?
            while let result = await group.nextResult() {
                if case .failure(let error) = result { failure = error }
            }
            if let failure { throw failure }
        }
        return targets.count
    }

    package func statusChanges() -> AsyncStream<Void> { changes.subscribe() }

    func agent(named name: String) throws -> AgentConfig {
        // A text that is no agent's name is simply not found.
        guard let agent = (try? AgentName(name)).flatMap({ agents[$0] }) else {
            throw RefusalError(code: .notFound, reason: "Agent \(name) not found")
        }
        return agent
    }

    private func note(_ agent: String, _ message: String) {
        board.note(agent, message, at: setup.now())
        setup.logger.info("\(message)", metadata: ["agent": "\(agent)"])
        noteChange()
    }
}
