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
            live[record.instance]?.upSince = uptime()
            live[record.instance]?.before = 0
            log(.info, record.instance, "container launched", ["container": .string(handle.rawValue)])
        }
        live[record.instance]?.handle = handle
        // From here on an order to kill reaches the runtime by itself; only one that came before is still to be carried out.
        if live[record.instance]?.stopCause != nil { jobs.yield(.end(record.instance)) }
        try Task.checkCancellation()
        if record.state == .starting {
            let run = record.instance.run
            let kind = setup.runtime.kind.rawValue
            // The run is up: that it cannot be noted must not take it down, its label finds it again.
            let launched = live[record.instance]?.agent ?? agent
            await attempt("noting the start of a run") {
                try await setup.store.setHandle(
                    handle.rawValue,
                    runtime: kind,
                    isolation: setup.isolation(launched),
                    network: launched.network?.json ?? .null,
                    of: run,
                    at: setup.now()
                )
                try await setup.store.setRunning(run, at: setup.now())
            }
        }
        return handle
    }

    /// Launches a run, for as long as it takes a runtime that is away to answer again.
    ///
    /// - Throws: ``LeftToNextScheduler`` when this one stops before that.
    private func launch(_ record: RunRecord, agent: AgentConfig) async throws -> RunHandle {
        let instance = record.instance
        // What was asked for may be up without an answer: nothing else is asked for in its place.
        var asked: Launch?
        while true {
            do {
                try refuseOrdered(instance)
                let launch: Launch
                if let asked { launch = asked } else { launch = try await prepareLaunch(of: record, agent: agent) }
                asked = launch
                return try await tryToLaunch(launch)
            } catch let error as LeftToNextScheduler {
                // Where the runtime could not say so at the start, it may be up all the same.
                if let up = await runThatIsUp(instance.run) { return up.handle }
                throw error
            } catch {
                guard !Task.isCancelled, !isHandedOver else { throw error }
                let isOrdered = live[instance]?.stopCause != nil
                if !isOrdered, (error as? RuntimeError)?.isTransient == true, let up = await runThatIsUp(instance.run) {
                    return up.handle
                }
                // For a store that cannot write the run is not to blame, as little as for a runtime that does not answer.
                let isStoreAway = (error as? StorageError).map { $0.code != .corrupt } ?? false
                if isOrdered || !isStoreAway, let left = await clearAway(instance.run) {
                    guard let missing = error as? ImageMissing, left.contains(where: \.wasStarted) else { throw error }
                    throw RuntimeError(code: .imageMissing, message: missing.description)
                }
                guard live[instance]?.stopCause == nil else {
                    doubtful.insert(instance.run)
                    throw StoppedBeforeLaunch()
                }
                guard !isStopping else { throw LeftToNextScheduler() }
                log(.warning, instance, "not launched yet, trying again", ["error": .string("\(error)")])
                // What it may have started all the same, the next try finds.
                await sleep(Self.orderInterval / .seconds(1), orUntil: stopOrders.subscribe())
                try Task.checkCancellation()
            }
        }
    }

    /// A run of whose launch only the answer was lost; `nil` when there is none or the runtime gives no answer yet.
    private func runThatIsUp(_ run: RunID) async -> KnownRun? {
        try? await known(of: run).first(where: \.wasStarted)
    }

    private func prepareLaunch(of record: RunRecord, agent: AgentConfig) async throws -> Launch {
        try await waitUntilSettled(agent, for: record.instance)
        try await waitForImage(of: agent.name, for: record.instance)
        try refuseOrdered(record.instance)
        // The files that it had when the run was claimed may be elsewhere by now.
        let agent = agents[agent.name] ?? agent
        live[record.instance]?.output.hide(by: redactors.redactor(of: agent))
        live[record.instance]?.agent = agent
        let hash = setup.configHash(agent)
        if let known = live[record.instance]?.record, known.timeout != agent.timeout || known.configHash != hash {
            live[record.instance]?.record.timeout = agent.timeout
            live[record.instance]?.record.configHash = hash
            await attempt("noting the configuration of a run") {
                try await setup.store.setConfiguration(hash, timeout: agent.timeout, of: record.instance.run)
            }
        }
        // A script in the model's place needs no key, and nothing that it starts is to get one.
        if setup.isInScriptMode(agent) {
            live[record.instance]?.modelKeysFetched = true
            try await setup.store.noteModelKeys(fetchedBy: record.instance.run)
        }
        let launch = try await makeLaunch(record, agent: agent)
        try refuseOrdered(record.instance)
        return launch
    }

    /// Waits until it is known whether the agent has an image: a run that an earlier scheduler left comes before the builds.
    ///
    /// - Throws: ``ImageMissing`` when there is none, ``LeftToNextScheduler`` when this one stops before it is known.
    private func waitForImage(of agent: AgentName, for run: InstanceID) async throws {
        guard let config = agents[agent], config.scale > 0 else { return }
        while images[agent] == nil, !isDispatchOpen, live[run]?.stopCause == nil {
            guard !isStopping || endsRuns else { throw LeftToNextScheduler() }
            for await _ in changes.subscribe() { break }
            try Task.checkCancellation()
        }
        if live[run]?.stopCause == nil, let problem = imageProblem(of: agent) {
            throw ImageMissing(description: problem)
        }
    }

    private func refuseOrdered(_ instance: InstanceID) throws {
        if live[instance]?.stopCause != nil { throw StoppedBeforeLaunch() }
    }

    private func tryToLaunch(_ launch: Launch) async throws -> RunHandle {
        var delays = Self.launchDelays[...]
        while true {
            do {
                return try await setup.runtime.launch(launch)
            } catch let error as RuntimeError where error.isTransient && !delays.isEmpty {
                let delay = delays.removeFirst()
                log(
                    .warning,
                    launch.instance,
                    "launch failed, trying again",
                    ["error": .string(error.message), "delayMs": .int(delay * 1000)]
                )
                try await wait(seconds: Double(delay), unlessOrdered: launch.instance)
            }
        }
    }

    /// - Throws: ``StoppedBeforeLaunch`` as soon as somebody orders the run to end.
    private func wait(seconds: Double, unlessOrdered instance: InstanceID) async throws {
        let end = uptime() + Self.pause(seconds)
        while uptime() < end {
            try refuseOrdered(instance)
            await sleep((end - uptime()) / .seconds(1), orUntil: stopOrders.subscribe())
            try Task.checkCancellation()
        }
        try refuseOrdered(instance)
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

/// An agent has no image, so that what waits for it has to go on waiting.
struct ImageMissing: Error, CustomStringConvertible { var description: String }

/// A run was not launched for reasons that it has nothing to do with, and its scheduler stops.
struct LeftToNextScheduler: Error {}

/// A run was ordered to end before it was launched.
struct StoppedBeforeLaunch: Error {}
