import Domain
import FoundationEssentials
import Logging
import Runtimes
import Storage

extension Scheduler {
    /// Steps 14 to 18 of the start.
    func start() async throws {
        flags = try await setup.store.flags()
        for agent in setup.agents {
            board.change(agent.name) { $0.isEnabled = isEnabled(agent) }
        }
        for reduction in pool.reductions {
            setup.logger.warning(
                "Agent scale reduced due to project scale limit",
                metadata: [
                    "agent": "\(reduction.agent)", "requested": .stringConvertible(reduction.requested),
                    "reduced": .stringConvertible(reduction.reduced),
                    "projectLimit": .stringConvertible(pool.limit ?? 0),
                ]
            )
        }
        try await recover()
        try await buildImages()
        isDispatchOpen = true
        await dispatch()
        await startInitialRuns()
        isInitializing = false
        noteChange()
    }

    private func buildImages() async throws {
        let active = setup.agents.filter { $0.scale > 0 }
        for agent in active {
            board.change(agent.name) { status in
                guard status.runningCount == 0 else { return }
                status.state = "building"
                status.statusText = "Building agent image"
            }
        }
        noteChange()
        let (progress, continuation) = AsyncStream.makeStream(
            of: (AgentName?, String).self,
            bufferingPolicy: .bufferingNewest(1000)
        )
        async let shown: Void = show(progress)
        let result: Result<[AgentName: ImageResult], any Error>
        do {
            result = .success(
                try await setup.runtime.buildImages(for: active, project: setup.project) { agent, line in
                    continuation.yield((agent, line))
                }
            )
        } catch {
            result = .failure(error)
        }
        continuation.finish()
        await shown
        images = try result.get()
        for agent in active { settleImage(of: agent.name) }
        noteChange()
    }

    private func show(_ progress: AsyncStream<(AgentName?, String)>) async {
        for await (agent, line) in progress {
            guard let agent else {
                setup.logger.debug("building base image", metadata: ["step": "\(line)"])
                continue
            }
            board.change(agent) { status in
                if status.state == "building" { status.statusText = line }
            }
            noteChange()
        }
    }

    private func settleImage(of agent: AgentName) {
        let failure: String? =
            switch images[agent] {
            case .built, .notNeeded: nil
            case .failed(let reason): reason
            case nil: "the runtime built no image for this agent"
            }
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

    private func startInitialRuns() async {
        guard setup.config.initialRun, !flags.isPaused, !isStopping else { return }
        for agent in setup.agents
        where agent.schedule != nil && agent.initialRun && isEnabled(agent) && isReady(agent.name) {
            guard pool.take(agent.name) else {
                setup.logger.warning(
                    "initial run skipped: all agent runners busy",
                    metadata: ["agent": "\(agent.name)"]
                )
                continue
            }
            setup.logger.info("Initial run for \(agent.name)")
            do {
                let record = try await setup.store.startDirect(newRun(of: agent, trigger: .schedule(slot: nil)))
                enlist(record, agent: agent, handle: nil)
            } catch {
                pool.free(agent.name)
                setup.logger.error("initial run failed", metadata: ["agent": "\(agent.name)", "error": "\(error)"])
            }
        }
    }
}
