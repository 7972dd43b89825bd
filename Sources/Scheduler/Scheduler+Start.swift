import Domain
import FoundationEssentials
import Logging
import Runtimes
import Storage

extension Scheduler {
    /// Steps 14 to 18 of the start.
    func start() async throws {
        defer { endRecovery() }
        flags = try await setup.store.flags()
        for agent in roster {
            board.change(agent.name) { $0.isEnabled = isEnabled(agent) }
        }
        for reduction in pool.reductions { report(reduction) }
        try await recover()
        endRecovery()
        try await showLastRuns()
        try await buildImages()
        // What was changed meanwhile is in force before anything starts with what was there before.
        await reloadDue()
        isDispatchOpen = true
        await dispatch()
        await startInitialRuns(except: await openClock())
        isInitializing = false
        noteChange()
    }

    /// Gives an agent the runners it asks for now, as far as the project's limit allows; `nil` = the agent is gone.
    func setScale(of agent: AgentName, to requested: Int?) {
        let before = pool.reductions
        pool.setScale(of: agent, to: requested)
        for reduction in pool.reductions where !before.contains(reduction) { report(reduction) }
        for (name, scale) in pool.scales { board.change(name) { $0.scale = scale } }
    }

    private func report(_ reduction: RunnerPool.Reduction) {
        setup.logger.warning(
            "Agent scale reduced due to project scale limit",
            metadata: [
                "agent": "\(reduction.agent)", "requested": .stringConvertible(reduction.requested),
                "reduced": .stringConvertible(reduction.reduced),
                "projectLimit": .stringConvertible(pool.limit ?? 0),
            ]
        )
    }

    /// What was before this process is shown like what comes.
    private func showLastRuns() async throws {
        for (agent, record) in try await setup.store.history.lastEndedRuns(of: roster.map(\.name)) {
            board.showLast(record, of: agent)
        }
    }

    private func buildImages() async throws {
        let active = roster.filter { $0.scale > 0 }
        for agent in active { showBuilding(agent.name, "Building agent image") }
        noteChange()
        images = try await build(active)
        baseImageStep = nil
        for agent in active { settleImage(of: agent.name) }
        noteChange()
    }

    /// Builds what the agents need and shows how it goes on.
    func build(_ agents: [AgentConfig]) async throws -> [AgentName: ImageResult] {
        let (progress, continuation) = AsyncStream.makeStream(
            of: (AgentName?, String).self,
            bufferingPolicy: .bufferingNewest(1000)
        )
        async let shown: Void = show(progress)
        let result: Result<[AgentName: ImageResult], any Error>
        do {
            result = .success(
                try await setup.runtime.buildImages(for: agents, project: setup.project) { agent, line in
                    continuation.yield((agent, line))
                }
            )
        } catch {
            result = .failure(error)
        }
        continuation.finish()
        await shown
        return try result.get()
    }

    func showBuilding(_ agent: AgentName, _ text: String) {
        board.change(agent) { status in
            guard status.runningCount == 0 else { return }
            status.state = "building"
            status.statusText = text
        }
        noteChange()
    }

    private func show(_ progress: AsyncStream<(AgentName?, String)>) async {
        for await (agent, line) in progress {
            guard let agent else {
                setup.logger.debug("building base image", metadata: ["step": "\(line)"])
                baseImageStep = line
                noteChange()
                continue
            }
            board.change(agent) { status in
                if status.state == "building" { status.statusText = line }
            }
            noteChange()
        }
    }

    /// Why active agents cannot start anything: their images are not there.
    var imageProblems: [AgentName: String] {
        var problems: [AgentName: String] = [:]
        for agent in roster where agent.scale > 0 {
            let isUnderWay = board.agents[agent.name]?.state == "building" && images[agent.name] == nil
            problems[agent.name] = isUnderWay ? "it is still being built" : imageProblem(of: agent.name)
        }
        return problems
    }

    func imageProblem(of agent: AgentName) -> String? {
        switch images[agent] {
        case .built, .notNeeded: nil
        case .failed(let reason): reason
        case nil: "the runtime built no image for this agent"
        }
    }

    /// Shows what came of the build.
    func settleImage(of agent: AgentName) {
        let failure = imageProblem(of: agent)
        if let failure {
            setup.logger.error("image build failed", metadata: ["agent": "\(agent)", "error": "\(failure)"])
        }
        board.change(agent) { status in
            status.statusText = nil
            if let failure {
                status.state = "error"
                status.lastError = String(failure.prefix(200))
            } else if status.state == "building" {
                status.state = "idle"
            }
        }
    }

    /// One run for every scheduled agent that did not just get one for the slots it missed.
    private func startInitialRuns(except caughtUp: Set<AgentName>) async {
        guard setup.config.initialRun, !flags.isPaused else { return }
        for agent in roster
        where agent.schedule != nil && agent.initialRun && isEnabled(agent) && isReady(agent.name)
            && !caughtUp.contains(agent.name) && takesWork
        {
            guard pool.take(agent.name) else {
                setup.logger.warning(
                    "initial run skipped: all agent runners busy",
                    metadata: ["agent": "\(agent.name)"]
                )
                continue
            }
            await startInitialRun(of: agent)
        }
    }

    private func startInitialRun(of agent: AgentConfig) async {
        do {
            let allowance = try await allowance(of: agent)
            if case .spent(let budget) = allowance {
                pool.free(agent.name)
                let facts: Logger.Metadata = ["agent": "\(agent.name)", "reason": "\(budget.refusal)"]
                setup.logger.info("initial run skipped", metadata: facts)
                return
            }
            guard takesWork else { return pool.free(agent.name) }
            setup.logger.info("Initial run for \(agent.name)")
            let run = newRun(of: agent, trigger: .schedule(slot: nil), allowance: allowance.amount)
            enlist(try await setup.store.startDirect(run), agent: agent, handle: nil)
        } catch {
            pool.free(agent.name)
            setup.logger.error("initial run failed", metadata: ["agent": "\(agent.name)", "error": "\(error)"])
        }
    }
}
