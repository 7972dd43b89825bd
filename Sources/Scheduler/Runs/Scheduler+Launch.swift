import Domain
import FoundationEssentials
import Logging
import OrderedCollections
import Runtimes
import Storage

extension Scheduler {
    /// Seconds to wait before a launch is tried again after a failure that may pass.
    static let launchDelays = [1, 5, 25]

    /// The handle of a run that is up: launched now, or by an earlier scheduler.
    func started(_ record: RunRecord, agent: AgentConfig, handle known: RunHandle?) async throws -> RunHandle {
        let handle: RunHandle
        if let known {
            handle = known
        } else {
            handle = try await launch(record, agent: agent)
            log(.info, record.instance, "container launched", ["container": .string(handle.rawValue)])
        }
        live[record.instance]?.handle = handle
        // From here on an order to kill reaches the runtime by itself; only one that came before is still to be carried out.
        let remembered = live[record.instance].flatMap { run in run.stopCause.map { _ in run.stopGrace } }
        try Task.checkCancellation()
        if record.state == .starting {
            let run = record.instance.run
            let kind = setup.runtime.kind.rawValue
            // The run is up: that it cannot be noted must not take it down, its label finds it again.
            await attempt("noting the start of a run") {
                try await setup.store.setHandle(
                    handle.rawValue,
                    runtime: kind,
                    isolation: setup.isolation(live[record.instance]?.agent ?? agent),
                    of: run,
                    at: setup.now()
                )
                try await setup.store.setRunning(run, at: setup.now())
            }
        }
        if let remembered {
            await attempt("killing a run") { try await setup.runtime.kill(handle, grace: remembered) }
        }
        return handle
    }

    private func launch(_ record: RunRecord, agent: AgentConfig) async throws -> RunHandle {
        try await waitUntilSettled(agent, for: record.instance)
        if live[record.instance]?.stopCause != nil { throw StoppedBeforeLaunch() }
        // The files that it had when the run was claimed may be elsewhere by now.
        let agent = agents[agent.name] ?? agent
        live[record.instance]?.agent = agent
        let launch = try await makeLaunch(record, agent: agent)
        var delays = Self.launchDelays[...]
        while true {
            if live[record.instance]?.stopCause != nil { throw StoppedBeforeLaunch() }
            do {
                return try await setup.runtime.launch(launch)
            } catch let error as RuntimeError where error.isTransient && !delays.isEmpty {
                let delay = delays.removeFirst()
                log(
                    .warning,
                    record.instance,
                    "launch failed, trying again",
                    ["error": .string(error.message), "delayMs": .int(delay * 1000)]
                )
                try await setup.clock.sleep(for: .seconds(delay))
            }
        }
    }

    private func makeLaunch(_ record: RunRecord, agent: AgentConfig) async throws -> Launch {
        var launch = try await makeLaunch(
            of: agent,
            instance: record.instance,
            trigger: record.trigger,
            prompt: setup.prompt(record.trigger),
            secret: record.secret
        )
        launch.environment["AL_CALLABLE_AGENTS"] = setup.callableDescriptions(agent, roster)
        launch.environment["AL_COST_ALLOWANCE"] = record.allowance.map { "\($0)" }
        return launch
    }

    /// What whatever an agent does is started with.
    func makeLaunch(
        of agent: AgentConfig,
        instance: InstanceID,
        trigger: Trigger,
        prompt: String,
        secret: String
    ) async throws -> Launch {
        var environment: [String: String] = [:]
        environment["AL_LOCK_TIMEOUT"] = String(setup.config.gateway.lockTimeout)
        environment["AL_MAX_CALL_DEPTH"] = String(setup.config.maxCallDepth)
        let egress = try egressDirectory(for: agent, secret: secret, &environment)
        var image: String?
        if case .built(let id) = images[agent.name] { image = id }
        return Launch(
            project: setup.project,
            agent: agent,
            instance: instance,
            trigger: trigger,
            image: image,
            prompt: prompt,
            gatewayURL: egress == nil ? gatewayURL : sealedGatewayURL,
            secret: secret,
            stagingDirectory: try await stageCredentials(of: agent, for: instance.run, secret: secret),
            limits: setup.config.local,
            stopGrace: setup.config.stopGrace,
            egressDirectory: egress,
            environment: environment
        )
    }
}

/// A run was ordered to end before it was launched.
struct StoppedBeforeLaunch: Error {}
